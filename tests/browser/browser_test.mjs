// Opens every page in Chromium, at desktop and phone width, in both languages, with and without
// JavaScript. node browser_test.mjs BINARY CHROMIUM PICTURES-DIRECTORY
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { start_bridge } from './bridge.mjs';

const [binary, chromium_path, pictures] = process.argv.slice(2);
const k_widths = { desktop: 1280, phone: 390 };
// One pixel.
const k_photo = Buffer.from(
  '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJ' +
    'DRENDg8QEBEQCgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAA' +
    'AAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);

let bridge;
let browser;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  bridge = await start_bridge(binary);
  browser = await chromium.launch({
    executablePath: chromium_path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
});

after(async () => {
  await browser?.close();
  await bridge?.stop();
});

async function open_page(width, language, javascript = true) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    locale: language === 'en' ? 'en-GB' : 'id-ID',
    javaScriptEnabled: javascript,
  });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, faults, close: () => context.close() };
}

// Nothing sticks out, the language is told, every picture and field has a name.
async function check_page(page, name, language) {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  const seen = await page.evaluate(() => ({
    language: document.documentElement.lang,
    too_wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    title: document.title,
    nameless: [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
      .filter((field) => !field.labels?.length && !field.getAttribute('aria-label') && !field.title)
      .filter((field) => field.offsetParent !== null)
      .map((field) => field.name),
  }));
  assert.equal(seen.language, language, `${name}: its language`);
  assert.ok(seen.too_wide <= 0, `${name}: sticks out by ${seen.too_wide} px`);
  assert.ok(seen.title.length > 0, `${name}: has no title`);
  assert.deepEqual(seen.nameless, [], `${name}: fields without a label`);
}

async function send_complaint(page, text) {
  await page.goto(`${bridge.url}/report`);
  await page.fill('textarea[name=text]', text);
  await page.setInputFiles('input[type=file][name=photos]', {
    name: 'jalan.jpg',
    mimeType: 'image/jpeg',
    buffer: k_photo,
  });
  await Promise.all([page.waitForURL(/\/r\/\d+/), page.click('form button:not([type=button])')]);
  return page.url();
}

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`the public pages look right at ${size} width in ${language}`, async () => {
      const { page, faults, close } = await open_page(width, language);
      for (const [name, path] of [
        ['home', '/'],
        ['report', '/report'],
        ['reports', '/reports'],
        ['statistics', '/statistics'],
        ['login', '/console/login'],
      ]) {
        await page.goto(bridge.url + path);
        await check_page(page, `${name}-${size}-${language}`, language);
      }
      await send_complaint(page, 'Jalan berlubang di depan pasar Banyuasri sudah dua minggu.');
      await check_page(page, `tracking-${size}-${language}`, language);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test('a citizen reports from a phone without JavaScript', async () => {
  const { page, close } = await open_page(k_widths.phone, 'id', false);
  const address = await send_complaint(page, 'Lampu jalan mati di Jalan Gajah Mada, gelap sekali.');
  assert.match(address, /\/r\/\d{12}\?k=/);
  assert.match(await page.textContent('body'), /Gajah Mada/);
  await close();
});

test('what was typed is kept when something is wrong with it', async () => {
  const { page, close } = await open_page(k_widths.phone, 'en', false);
  await page.goto(`${bridge.url}/report`);
  await page.fill('textarea[name=text]', 'A broken street light in front of the school.');
  await page.fill('input[name=email]', 'not an address');
  await page.evaluate(() => {}).catch(() => {});
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST').catch(() => {}),
    page.$eval('form', (form) => (form.noValidate = true)).catch(() => {}),
    page.click('form button:not([type=button])'),
  ]);
  assert.equal(
    await page.inputValue('textarea[name=text]'),
    'A broken street light in front of the school.',
  );
  await close();
});

async function sign_in(page, user) {
  await page.goto(`${bridge.url}/console/login`);
  await page.fill('input[name=user]', user);
  await page.fill('input[name=password]', bridge.password_of(user));
  await Promise.all([
    page.waitForURL((url) => !url.pathname.endsWith('/login')),
    page.click('form button[type=submit], form button:not([type])'),
  ]);
}

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`the console looks right at ${size} width in ${language}`, async () => {
      const citizen = await open_page(width, language);
      await send_complaint(citizen.page, 'Sampah menumpuk di TPS Banyuning sejak hari raya.');
      await citizen.close();
      const { page, faults, close } = await open_page(width, language);
      await sign_in(page, 'admin');
      await check_page(page, `inbox-${size}-${language}`, language);
      const link = await page.getAttribute('a[href*="/console/report"]', 'href');
      await page.goto(new URL(link, bridge.url).href);
      await check_page(page, `case-${size}-${language}`, language);
      for (const name of ['messages', 'quarantine', 'channels', 'officers']) {
        await page.goto(`${bridge.url}/console/${name}`);
        await check_page(page, `${name}-${size}-${language}`, language);
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }
}
