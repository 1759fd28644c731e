// A bridge, a browser, and what people do with both.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { chromium } from 'playwright-core';

import { start_bridge } from './bridge.mjs';

// What a busy machine may take for one step; nothing waits that long unless it has failed.
export const k_patience_ms = 180_000;
export const k_widths = { desktop: 1280, phone: 390 };
// One pixel.
const k_photo = Buffer.from(
  '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJ' +
    'DRENDg8QEBEQCgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAA' +
    'AAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);

let bridge;
let browser;
let pictures;

export async function start_stage(binary, chromium_path, directory, settings, variables) {
  pictures = directory;
  mkdirSync(pictures, { recursive: true });
  bridge = await start_bridge(binary, settings, variables);
  browser = await chromium.launch({
    timeout: k_patience_ms,
    executablePath: chromium_path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  return { bridge, browser };
}

export async function end_stage() {
  await browser?.close();
  await bridge?.stop();
}

export async function open_page(width, language, javascript = true) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    locale: language === 'en' ? 'en-GB' : 'id-ID',
    javaScriptEnabled: javascript,
  });
  context.setDefaultTimeout(k_patience_ms);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, faults, close: () => context.close() };
}

// For people to look at: KANAL_PICTURES=1 takes them.
export async function take_picture(page, name) {
  if (!process.env.KANAL_PICTURES) return;
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

// Nothing sticks out, the language is told, every picture and field has a name.
export async function check_page(page, name, language) {
  await take_picture(page, name);
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

export async function send_complaint(page, text) {
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

export async function sign_in(page, user) {
  await page.goto(`${bridge.url}/console/login`);
  await page.fill('input[name=user]', user);
  await page.fill('input[name=password]', bridge.password_of(user));
  await Promise.all([
    page.waitForURL((url) => !url.pathname.endsWith('/login')),
    page.click('main form button[type=submit]'),
  ]);
}

export async function officer(user, language = 'id', width = k_widths.desktop, javascript = true) {
  const opened = await open_page(width, language, javascript);
  await sign_in(opened.page, user);
  return opened;
}

export async function sign_out(page) {
  await page.click('details.menu summary');
  await Promise.all([page.waitForURL(/login/), page.click('details.menu form button')]);
}

// The newest report with these words, by the inbox's search.
export async function open_report(page, words) {
  await page.goto(`${bridge.url}/console?tab=all&q=${encodeURIComponent(words)}`);
  const link = await page.getAttribute('td.what a[href^="/console/reports/"]', 'href');
  await page.goto(new URL(link, bridge.url).href);
}

export async function act(page, event, fields = {}) {
  const details = page.locator(`#act-${event}`);
  if ((await details.count()) > 0 && (await details.getAttribute('open')) === null) {
    await details.locator('summary').click();
  }
  const form = page.locator(`form[action$="/act/${event}"]`);
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name=${name}]`);
    if (name === 'files') {
      await field.setInputFiles(value);
      continue;
    }
    const is_choice = (await field.getAttribute('class')).includes('form-select');
    await (is_choice ? field.selectOption(value) : field.fill(value));
  }
  await Promise.all([
    page.waitForURL((url) => url.searchParams.get('done') !== null),
    form.locator('button:not([formaction])').click(),
  ]);
  assert.ok((await page.textContent('[role=status]')).length > 5, `${event}: it is said`);
}

export async function until(holds, what) {
  const end = Date.now() + k_patience_ms;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`it did not come about: ${what}`);
    await sleep(200);
  }
}

export async function press(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}
