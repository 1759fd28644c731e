// What officers do besides the reports' own acts, on real data, and what they see of each other.
// node console_test.mjs BINARY CHROMIUM PICTURES-DIRECTORY SANDBOX
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  act,
  check_page,
  end_stage,
  k_widths,
  officer,
  open_page,
  open_report,
  press,
  send_complaint,
  sign_in,
  start_stage,
  until,
} from './stage.mjs';
import { start_x } from './x_side.mjs';

const [binary, chromium_path, pictures, sandbox] = process.argv.slice(2);
const k_axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let bridge;
let x;

before(async () => {
  x = await start_x(sandbox);
  const settings =
    '[channel.form]\nkind = "webform"\nleast_fill_s = 0\n' +
    x.settings_of('x') +
    x.settings_of('lama', 'access_token');
  ({ bridge } = await start_stage(binary, chromium_path, pictures, settings, x.variables));
});

after(async () => {
  try {
    await end_stage();
  } finally {
    await x?.stop();
  }
});

test('a held message is made a report by an officer', async () => {
  const citizen = await open_page(k_widths.phone, 'id', false);
  await citizen.page.goto(`${bridge.url}/report`);
  const token = await citizen.page.getAttribute('input[name=token]', 'value');
  const form = { token, text: 'Got di Jalan Veteran mampet dan meluap.', website: 'x' };
  const sent = await citizen.page.request.post(`${bridge.url}/report`, { multipart: form });
  assert.match(await sent.text(), /Petugas membacanya lebih dulu/);
  await citizen.close();
  const { page, close } = await officer('pemantau');
  const waiting = '#attention a[href="/console/messages?fate=held"]';
  assert.match(await page.textContent(waiting), /^1 pesan ditahan/);
  await press(page, waiting);
  await press(page, 'td.what a');
  await check_page(page, 'held-desktop-id', 'id');
  assert.match(await page.textContent('main'), /kolom yang tersembunyi diisi/);
  await press(page, 'form[action$="/promote"] button');
  assert.match(page.url(), /\/console\/reports\/\d{12}/);
  assert.match(await page.textContent('[role=status]'), /kini menjadi laporan/);
  assert.match(await page.textContent('.history'), /oleh petugas; sebelumnya ditahan: kolom/);
  await page.goto(`${bridge.url}/console/messages?fate=held`);
  assert.equal(await page.locator('td.what a').count(), 0);
  await page.goto(`${bridge.url}/console`);
  assert.equal(await page.locator(waiting).count(), 0);
  await close();
});

test('a held message is set aside with a reason, and its raw form opened for one', async () => {
  const citizen = await open_page(k_widths.phone, 'id', false);
  await citizen.page.goto(`${bridge.url}/report`);
  const token = await citizen.page.getAttribute('input[name=token]', 'value');
  const form = { token, text: 'Menangkan hadiah mobil, kunjungi kami.', website: 'x' };
  const sent = await citizen.page.request.post(`${bridge.url}/report`, { multipart: form });
  const number = /<code>([0-9 -]{12,})<\/code>/.exec(await sent.text())[1];
  await citizen.close();
  for (const language of ['id', 'en']) {
    for (const [width, pixels] of Object.entries(k_widths)) {
      const { page, close } = await officer('pemantau', language, pixels);
      await check_page(page, `inbox-held-${width}-${language}`, language);
      await page.goto(`${bridge.url}/console/messages?id=${encodeURIComponent(number)}`);
      await press(page, 'td.what a');
      await page.click('#discard summary');
      await check_page(page, `discard-${width}-${language}`, language);
      await close();
    }
  }
  const { page, close } = await officer('pemantau');
  await page.goto(`${bridge.url}/console/messages?id=${encodeURIComponent(number)}`);
  await press(page, 'td.what a');
  await page.click('#discard summary');
  await page.fill('#discard-reason', 'iklan');
  await press(page, '#discard button');
  assert.match(await page.textContent('[role=status]'), /disisihkan/);
  assert.match(await page.textContent('.marks'), /disisihkan oleh pemantau: iklan/);
  assert.equal(await page.locator('#discard').count(), 0);
  await check_page(page, 'discarded-desktop-id', 'id');
  const address = page.url().replace(/\?.*/, '');
  await close();
  const admin = await officer('admin');
  await admin.page.goto(address);
  await admin.page.fill('#raw-reason', 'memeriksa iklan');
  await check_page(admin.page, 'raw-asked-desktop-id', 'id');
  await press(admin.page, 'form[action$="/raw"] button');
  assert.match(await admin.page.textContent('pre.raw'), /hadiah/);
  await admin.close();
});

test('a quarantined message is read again, or it is said why it still cannot be', async () => {
  const made = {
    data: [
      {
        id: '1790000000000000777',
        text: '@kanal Jembatan gantung di Desa Sangsit retak',
        author_id: '777',
        created_at: '2026-01-02T03:04:05.000Z',
      },
    ],
    includes: { users: [{ id: '777', username: 'made_s', name: 'Made S' }] },
    meta: { result_count: 1 },
  };
  // Answers of X, handed in as if they were posts.
  const lines = [JSON.stringify(made), '{"data":[{"id":"17900'];
  const ingest = () => bridge.command(['ingest', '--channel', 'x', '-'], `${lines.join('\n')}\n`);
  assert.throws(ingest, { status: 1 });
  const { page, close } = await officer('teknis');
  await page.goto(`${bridge.url}/console/quarantine`);
  await check_page(page, 'quarantine-full-desktop-id', 'id');
  assert.equal(await page.locator('.state >> text=Menunggu').count(), 2);
  const links = await page.locator('td.what a').evaluateAll((all) => all.map((link) => link.href));
  const said = [];
  for (const link of links) {
    await page.goto(link);
    await press(page, 'form[action$="/replay"] button');
    said.push(await page.textContent('.notice'));
    await check_page(page, `replayed-${said.length}-desktop-id`, 'id');
  }
  assert.deepEqual(said.map((words) => /sudah masuk/.test(words)).sort(), [false, true]);
  assert.ok(said.some((words) => /masih belum dapat dibaca/.test(words)));
  await page.goto(`${bridge.url}/console/quarantine`);
  assert.equal(await page.locator('.state >> text=Menunggu').count(), 1);
  const torn = await page
    .locator('tr', { hasText: 'Menunggu' })
    .locator('td.what a')
    .getAttribute('href');
  await close();
  for (const language of ['id', 'en']) {
    for (const [width, pixels] of Object.entries(k_widths)) {
      const monitor = await officer('pemantau', language, pixels);
      await monitor.page.goto(`${bridge.url}${torn}`);
      await check_page(monitor.page, `quarantined-${width}-${language}`, language);
      await monitor.page.goto(`${bridge.url}/console/quarantine`);
      await check_page(monitor.page, `quarantine-${width}-${language}`, language);
      await monitor.close();
    }
  }
  const monitor = await officer('pemantau');
  await monitor.page.goto(`${bridge.url}${torn}`);
  await monitor.page.fill('#discard-reason', 'terpotong');
  await press(monitor.page, 'form[action$="/discard"] button');
  assert.match(await monitor.page.textContent('[role=status]'), /disisihkan/);
  await check_page(monitor.page, 'quarantined-aside-desktop-id', 'id');
  await monitor.page.goto(`${bridge.url}/console/quarantine`);
  assert.equal(await monitor.page.locator('td.state').count(), 0);
  await check_page(monitor.page, 'quarantine-done-desktop-id', 'id');
  await monitor.page.click('nav.tabs a:not([aria-current])');
  assert.equal(await monitor.page.locator('.state >> text=Menunggu').count(), 0);
  assert.equal(await monitor.page.locator('.state >> text=Disisihkan').count(), 1);
  await check_page(monitor.page, 'quarantine-aside-desktop-id', 'id');
  await monitor.close();
  const admin = await officer('admin');
  await open_report(admin.page, 'Sangsit');
  assert.match(await admin.page.textContent('main'), /Jembatan gantung/);
  await admin.close();
});

test('a flood of spam is archived in one act and taken back in another', async () => {
  const citizen = await open_page(k_widths.phone, 'id');
  for (const prize of ['mobil', 'motor', 'rumah']) {
    await send_complaint(citizen.page, `Selamat, Anda menang undian ${prize} gratis.`);
  }
  await citizen.close();
  for (const [width, script] of [['desktop', true], ['phone', false]]) {
    const { page, close } = await officer('admin', 'id', k_widths[width], script);
    const open = `${bridge.url}/console?tab=open&q=undian`;
    const listed = async () => (await page.goto(open), page.locator('td.what a').count());
    assert.equal(await listed(), 3);
    await page.locator('.tick').first().check();
    await check_page(page, `spam-ticked-${width}-id`, 'id');
    await press(page, '.bulk button[value=spam]');
    assert.match(await page.textContent('[role=status]'), /1 laporan diarsipkan/);
    await page.locator('.bulk input[name=reports]').check();
    await press(page, '.bulk button[value=spam]');
    assert.match(await page.textContent('[role=status]'), /2 laporan diarsipkan/);
    await check_page(page, `spam-archived-${width}-id`, 'id');
    await press(page, '.undo button');
    assert.match(await page.textContent('[role=status]'), /Diurungkan/);
    assert.equal(await listed(), 2);
    await page.goto(`${bridge.url}/console?tab=all&q=undian&state=archived`);
    await press(page, 'td.what a[href^="/console/reports/"]');
    await act(page, 'restore', { reason: 'bukan spam' });
    await close();
  }
});

for (const language of ['id', 'en']) {
  test(`a connection test shows its steps, and what the far side said, in ${language}`, async () => {
    const { page, close } = await officer('teknis', language, k_widths.phone);
    const card = (name) => page.locator(`#channel-${name}`);
    await page.goto(`${bridge.url}/console/channels`);
    await Promise.all([page.waitForNavigation(), card('x').locator('form[action$=test] button').click()]);
    await check_page(page, `probe-passed-phone-${language}`, language);
    assert.equal(await card('x').locator('.tested li.passed').count(), 2);
    assert.equal(await card('x').locator('.tested li.failed').count(), 0);
    await Promise.all([
      page.waitForNavigation(),
      card('lama').locator('form[action$=test] button').click(),
    ]);
    await check_page(page, `probe-failed-phone-${language}`, language);
    assert.match(await card('lama').locator('.tested li.failed').textContent(), /401/);
    await until(async () => {
      await page.goto(`${bridge.url}/console/channels`);
      return (await card('lama').locator('.said').count()) === 1;
    }, 'the failing channel says so');
    const words = await card('lama').textContent();
    assert.equal(words.match(/401/g).length, 1, 'what was said stands there once');
    assert.match(words, language === 'id' ? /Periksa pengaturan kanal ini/ : /Check the keys/);
    await close();
  });
}

test('of two officers one sees what the other does, and what citizens send, as it happens', async () => {
  const citizen = await open_page(k_widths.phone, 'id');
  await send_complaint(citizen.page, 'Pagar sekolah di Desa Kalianget roboh tertiup angin.');
  const watching = await officer('pemantau');
  const acting = await officer('admin');
  const { page } = watching;
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.mouse.move(1, 1);
  await page.evaluate(() => (window.never_reloaded = true));
  const row = page.locator('tr', { hasText: 'Kalianget' });
  assert.match(await row.locator('.badge').textContent(), /Belum terverifikasi/);
  await open_report(acting.page, 'Kalianget');
  await act(acting.page, 'verify', { agency: 'buleleng' });
  await row.locator('.badge', { hasText: /^Terverifikasi$/ }).waitFor();
  await send_complaint(citizen.page, 'Air sumur di Desa Tukadmungga berbau sejak kemarin.');
  await page.locator('tr', { hasText: 'Tukadmungga' }).waitFor();
  assert.match(await page.textContent('#refreshed'), /diperbarui/);
  assert.equal(await page.evaluate(() => window.never_reloaded), true);
  assert.deepEqual(watching.faults, []);
  for (const each of [citizen, watching, acting]) await each.close();
});

test('a row that is pointed at stays where it is, and moves afterwards', async () => {
  const citizen = await open_page(k_widths.phone, 'id');
  await send_complaint(citizen.page, 'Halte di Jalan Udayana kotor dan bangkunya patah.');
  const { page, close } = await officer('admin');
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.hover('td.what a');
  await send_complaint(citizen.page, 'Tiang listrik miring di Desa Pemaron.');
  await sleep(4000);
  assert.equal(await page.locator('tr', { hasText: 'Pemaron' }).count(), 0);
  await page.mouse.move(1, 1);
  await page.locator('tr', { hasText: 'Pemaron' }).waitFor();
  await citizen.close();
  await close();
});

test('a number typed into the search opens its report, and the list still searches afterwards', async () => {
  const citizen = await open_page(k_widths.phone, 'id');
  const number = /\/r\/(\d{12})/.exec(
    await send_complaint(citizen.page, 'Gorong-gorong di Desa Alasangker tersumbat ranting.'),
  )[1];
  await citizen.close();
  const { page, faults, close } = await officer('admin');
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.fill('#q', number);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/console/reports/${number}`);
  assert.match(await page.textContent('.case-text'), /Alasangker/);
  await page.goBack();
  let searches = 0;
  page.on('request', (request) => {
    const is_look = request.headers()['x-refresh'] !== undefined;
    searches += /q=Alasangker/.test(request.url()) && !is_look ? 1 : 0;
  });
  await page.fill('#q', 'Alasangker');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=Alasangker/);
  await until(async () => (await page.locator('td.what a').count()) === 1, 'one is found');
  assert.equal(searches, 1);
  assert.deepEqual(faults, []);
  await close();
});

// A look is sent for, and its answer kept back until it is let go.
async function hold_a_look(page) {
  let let_go;
  const held = new Promise((resolve) => { let_go = resolve; });
  const on_its_way = new Promise((resolve) => {
    page.route('**/console?*', async (route) => {
      if (route.request().headers()['x-refresh'] === undefined) return route.continue();
      resolve();
      await held;
      return route.continue();
    });
  });
  await page.evaluate(() => window.htmx.trigger('#live', 'look'));
  await on_its_way;
  return let_go;
}

// Lets it go, until the page has dealt with it.
async function take_in(page, let_go) {
  await page.evaluate(() => {
    window.answered = new Promise((resolve) => {
      const list = window.asked_list ?? document.querySelector('#results');
      for (const place of [document, list]) {
        place.addEventListener('htmx:afterOnLoad', () => resolve(), { once: true });
        place.addEventListener('htmx:beforeSwap', () => setTimeout(resolve), { once: true });
      }
    });
  });
  let_go();
  await page.evaluate(() => window.answered);
}

test('a row that is ticked while others are on their way keeps its tick', async () => {
  const { page, close } = await officer('admin');
  await page.goto(`${bridge.url}/console?tab=open`);
  await page.mouse.move(1, 1);
  const let_go = await hold_a_look(page);
  await page.locator('.tick').first().check();
  await page.evaluate(() => document.activeElement.blur());
  await page.mouse.move(1, 1);
  await take_in(page, let_go);
  assert.ok(await page.locator('.tick').first().isChecked());
  const asked_again = page.waitForResponse(/\/console\?/);
  await page.locator('.tick').first().uncheck();
  await page.evaluate(() => document.activeElement.blur());
  await page.mouse.move(1, 1);
  await asked_again;
  await close();
});

test('what was searched for stays, though what was asked for before comes after it', async () => {
  const { page, close } = await officer('admin');
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.mouse.move(1, 1);
  const let_go = await hold_a_look(page);
  await page.evaluate(() => { window.asked_list = document.querySelector('#results'); });
  await page.fill('#q', 'undian');
  await page.keyboard.press('Enter');
  await page.locator('#clear a').waitFor();
  const tabs = await page.locator('#tabs').innerHTML();
  assert.match(tabs, /q=undian/);
  await take_in(page, let_go);
  assert.match(await page.locator('#tabs').innerHTML(), /q=undian/);
  await close();
});

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`a narrowed list can be cleared at ${size} width in ${language}`, async () => {
      const { page, faults, close } = await officer('admin', language, width);
      await page.goto(`${bridge.url}/console?tab=all`);
      assert.equal(await page.locator('#clear a').count(), 0);
      await page.fill('#q', 'Desa');
      await page.keyboard.press('Enter');
      await page.locator('#clear a').waitFor();
      await check_page(page, `narrowed-${size}-${language}`, language);
      await press(page, '#clear a');
      assert.equal(await page.inputValue('#q'), '');
      assert.deepEqual(faults, []);
      await close();
    });

    test(`an open page says that the session has ended, at ${size} width in ${language}`, async () => {
      const { page, close } = await officer('admin', language, width);
      const words = language === 'id' ? /Sesi Anda telah berakhir/ : /Your session has ended/;
      const look_signed_out = async (name) => {
        await page.context().clearCookies();
        await page.evaluate(() => window.htmx.trigger('#live', 'look'));
        await page.locator('#ended').waitFor();
        assert.match(await page.textContent('#ended'), words);
        assert.equal(await page.locator('h1').count(), 1);
        await check_page(page, `${name}-ended-${size}-${language}`, language);
      };
      await page.goto(`${bridge.url}/console?tab=all`);
      const rows = await page.locator('td.what a').count();
      await look_signed_out('inbox');
      assert.equal(await page.locator('td.what a').count(), rows);
      const [other] = await Promise.all([
        page.context().waitForEvent('page'),
        page.click('#ended a'),
      ]);
      await other.waitForLoadState();
      await sign_in(other, 'admin');
      await other.close();
      await page.evaluate(() => window.htmx.trigger('#live', 'look'));
      await page.locator('#ended').waitFor({ state: 'detached' });
      await press(page, 'td.what a[href^="/console/reports/"]');
      await page.click('#act-note summary');
      await page.fill('#act-note textarea', 'Belum selesai ditulis.');
      await look_signed_out('report');
      assert.equal(await page.inputValue('#act-note textarea'), 'Belum selesai ditulis.');
      await close();
    });
  }
}

// What a browser says of a tab that is not in front.
async function set_hidden(page, hidden) {
  await page.evaluate((is_hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => is_hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('hidden pages hold no connection and ask for nothing, and catch up when they are shown', async () => {
  const { page, close } = await officer('admin');
  const context = page.context();
  const asked = [];
  const tabs = [];
  for (let count = 0; count < 8; ++count) {
    const tab = await context.newPage();
    await tab.goto(`${bridge.url}/console?tab=all`);
    await set_hidden(tab, true);
    tab.on('request', (request) => asked.push(request.url()));
    tabs.push(tab);
  }
  const citizen = await open_page(k_widths.phone, 'id');
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.mouse.move(1, 1);
  await send_complaint(citizen.page, 'Sungai di Desa Penglatan dangkal karena sampah.');
  await page.locator('tr', { hasText: 'Penglatan' }).waitFor();
  assert.deepEqual(asked.filter((url) => !url.includes('/assets/')), []);
  await set_hidden(tabs[7], false);
  await tabs[7].locator('tr', { hasText: 'Penglatan' }).waitFor();
  await citizen.close();
  await close();
});

// WCAG 2.1 A and AA, as far as a program can tell.
async function check_access(page, name) {
  await page.evaluate(k_axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }),
  );
  const faults = found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`),
  );
  assert.deepEqual(faults, [], name);
}

for (const language of ['id', 'en']) {
  test(`everybody can use the pages, as far as axe can tell, in ${language}`, async () => {
    const citizen = await open_page(k_widths.phone, language);
    for (const path of ['', 'report', 'reports', 'statistics', 'console/login', 'nowhere']) {
      await citizen.page.goto(`${bridge.url}/${path}`);
      await check_access(citizen.page, path);
    }
    await citizen.page.goto(`${bridge.url}/report`);
    await press(citizen.page, 'form button:not([type=button])');
    await check_access(citizen.page, 'a form with errors');
    await send_complaint(citizen.page, 'Rambu lalu lintas di Desa Sinabun hilang.');
    await check_access(citizen.page, 'tracking');
    await citizen.close();
    const { page, close } = await officer('admin', language);
    for (const path of [
      '?tab=all',
      '/messages',
      '/messages/1',
      '/blocked',
      '/quarantine',
      '/quarantine/1',
      '/channels',
      '/outbox',
      '/officers',
      '/account',
      '/reports/999',
    ]) {
      await page.goto(`${bridge.url}/console${path}`);
      await check_access(page, path);
    }
    await open_report(page, 'Sinabun');
    await page.evaluate(() => document.querySelectorAll('details').forEach((all) => (all.open = true)));
    await check_access(page, 'a report with all its forms');
    await close();
  });
}

for (const [language, words] of [
  ['id', /Tidak ada halaman di alamat ini/],
  ['en', /There is no page at this address/],
]) {
  test(`what the server refuses is told in ${language}, not in the server's own words`, async () => {
    const { page, close } = await open_page(k_widths.phone, language, false);
    await page.goto(`${bridge.url}/nowhere`);
    await check_page(page, `nowhere-phone-${language}`, language);
    assert.match(await page.textContent('main'), words);
    const broken = await page.goto(`${bridge.url}/%zz`);
    assert.equal(broken.status(), 400);
    await check_page(page, `malformed-phone-${language}`, language);
    await close();
  });
}
