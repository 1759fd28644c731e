// The demonstration as a newcomer meets it: a citizen on every channel, the officers in another
// tab. node citizen_test.mjs BINARY CHROMIUM PICTURES-DIRECTORY
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { act, check_page, end_stage, k_widths, open_page, open_report, start_stage } from './stage.mjs';

const [binary, chromium_path, pictures] = process.argv.slice(2);
const k_axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let bridge;

before(async () => {
  ({ bridge } = await start_stage(binary, chromium_path, pictures, ''));
});
after(end_stage);

const k_cards = ['x', 'sms', 'mail', 'gateway', 'agency'];
const theirs = (page, card) => page.locator(`#${card} .theirs`);

async function say(page, card, text) {
  await page.fill(`#${card} textarea`, text);
  // By the keyboard: an answer that arrives in the card above moves this one under a pointer.
  await page.press(`#${card} form button`, 'Enter');
  const notice = await page.waitForSelector(`#${card} .notice`);
  assert.match(await notice.getAttribute('class'), /good/, await notice.textContent());
}

// Only once something was said on every card are all its parts there.
async function talk(page, language) {
  await page.goto(`${bridge.url}/demo?lang=${language}`);
  await say(page, 'x', `Jalan berlubang di depan Pasar Banyuasri (${language})`);
  await say(page, 'sms', `Lampu jalan mati di Jalan Ahmad Yani sejak Senin (${language})`);
  await page.fill('#mail input[name=subject]', 'Sampah tidak diangkut');
  await say(page, 'mail', `Sampah menumpuk di TPS Banyuning\nsejak minggu lalu (${language})`);
  await say(page, 'gateway', `Got mampet di depan SD 1 Banjar Jawa (${language})`);
  await say(page, 'agency', `Air mati sejak kemarin di Jalan Pulau Obi (${language})`);
  for (const card of k_cards) await theirs(page, card).first().waitFor();
}

async function sign_in(page, user) {
  const button = page.locator(`form.login:has(input[value="${user}"]) button`);
  const [tab] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await tab.waitForURL(/\/console$/);
  return tab;
}

// Through both admins, whom the page signs in, to a unit.
async function pass_on(page, words, agency, unit) {
  const details = page.locator('.cast details');
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  let tab = await sign_in(page, 'admin');
  await open_report(tab, words);
  await act(tab, 'verify', { agency });
  await tab.close();
  tab = await sign_in(page, agency);
  await open_report(tab, words);
  await act(tab, 'dispose', { unit });
  await tab.close();
}

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`every channel answers on the page, ${size}, ${language}`, async () => {
      const { page, faults, close } = await open_page(width, language);
      await page.goto(`${bridge.url}/demo`);
      await check_page(page, `citizen-new-${size}-${language}`, language);
      await talk(page, language);
      await page.evaluate(() => window.scrollTo(0, 0));
      await check_page(page, `citizen-${size}-${language}`, language);
      await page.evaluate(k_axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map((each) => `${each.id}: ${each.nodes[0].html}`), []);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test('a report goes through the officers, whom the page signs in, and the answer comes back', async () => {
  const { page, close } = await open_page(k_widths.desktop, 'id');
  await page.goto(`${bridge.url}/demo`);
  const words = 'Trotoar pecah di Jalan Udayana';
  await say(page, 'sms', words);
  await theirs(page, 'sms').first().waitFor();
  await pass_on(page, words, 'buleleng', 'putr');
  const tab = await sign_in(page, 'putr');
  await open_report(tab, words);
  await act(tab, 'accept');
  await act(tab, 'answer', { words: 'Trotoar sudah diperbaiki pagi ini.' });
  await tab.close();
  await theirs(page, 'sms').filter({ hasText: 'ditanggapi Dinas PUTR' }).waitFor();
  await close();
});

for (const [size, width] of Object.entries(k_widths)) {
  for (const [language, unit] of [['id', 'dishub'], ['en', 'dlh']]) {
    test(`an office with its own system answers on the page, ${size}, ${language}`, async () => {
      const { page, faults, close } = await open_page(width, language);
      await page.goto(`${bridge.url}/demo?lang=${language}`);
      const words = `Lampu jalan mati di Jalan Pramuka (${size}, ${language})`;
      await say(page, 'gateway', words);
      await theirs(page, 'gateway').first().waitFor();
      await pass_on(page, words, 'buleleng', unit);
      const report = page.locator('#offices .handed > li').filter({ hasText: words });
      await report.waitFor();
      const choice = page.locator('#offices-report option').filter({ hasText: words });
      await page.selectOption('#offices-report', await choice.getAttribute('value'));
      await page.selectOption('#offices select[name=event]', 'answer');
      await say(page, 'offices', `Sudah menyala lagi (${size}, ${language}).`);
      await report.filter({ hasText: 'Sudah menyala lagi' }).waitFor();
      const told = theirs(page, 'gateway').filter({ hasText: 'Sudah menyala lagi' });
      await told.waitFor();
      await page.evaluate(() => window.scrollTo(0, 0));
      await check_page(page, `citizen-offices-${size}-${language}`, language);
      await page.evaluate(k_axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map((each) => `${each.id}: ${each.nodes[0].html}`), []);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test('a direct message on X is sent and answered as one', async () => {
  const { page, close } = await open_page(k_widths.desktop, 'en');
  await page.goto(`${bridge.url}/demo?lang=en`);
  await page.check('#x input[name=direct]');
  await say(page, 'x', 'Somebody asks for money at the village office');
  await theirs(page, 'x').filter({ hasText: 'direct message' }).waitFor();
  await close();
});

test('every page says that it is a demonstration', async () => {
  for (const [size, width] of Object.entries(k_widths)) {
    const { page, close } = await open_page(width, 'id');
    for (const path of ['/', '/report', '/console/login']) {
      await page.goto(bridge.url + path);
      await page.waitForSelector('aside a[href="/demo"]');
      await check_page(page, `demonstration${path.replaceAll('/', '-')}-${size}`, 'id');
    }
    await close();
  }
});

test('without JavaScript it is sent all the same', async () => {
  const { page, close } = await open_page(k_widths.phone, 'id', false);
  await page.goto(`${bridge.url}/demo`);
  await page.fill('#sms textarea', 'Got tersumbat di Jalan Gajah Mada');
  await Promise.all([page.waitForURL(/\/demo#sms/), page.press('#sms form button', 'Enter')]);
  assert.match(await page.textContent('#sms .mine'), /Got tersumbat/);
  await close();
});

test('a form of another site is not taken, and one browser does not see what another said', async () => {
  const { page, close } = await open_page(k_widths.desktop, 'id');
  await page.goto(`${bridge.url}/demo`);
  assert.equal(await page.locator('.mine').count(), 0);
  const csrf = await page.getAttribute('#sms input[name=csrf]', 'value');
  const cookie = (await page.context().cookies()).find((each) => each.name === 'kanal_citizen');
  const post = (headers, token) =>
    fetch(`${bridge.url}/demo/sms`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `kanal_citizen=${cookie.value}`, ...headers },
      body: new URLSearchParams({ csrf: token, text: 'halo' }),
    });
  assert.equal((await post({ origin: 'https://lain.example' }, csrf)).status, 403);
  assert.equal((await post({}, 'lain')).status, 403);
  assert.equal((await post({ cookie: '' }, csrf)).headers.get('location'), '/demo');
  assert.equal((await post({}, csrf)).status, 303);
  await close();
});
