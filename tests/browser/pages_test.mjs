// Opens every page in Chromium, at desktop and phone width, in both languages, with and without
// JavaScript. node pages_test.mjs BINARY CHROMIUM PICTURES-DIRECTORY
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import {
  act,
  check_page,
  end_stage,
  k_widths,
  open_page,
  open_report,
  send_complaint,
  sign_in,
  sign_out,
  start_stage,
  take_picture,
} from './stage.mjs';

const [binary, chromium_path, pictures] = process.argv.slice(2);
let bridge;
// A village's own site, with the form in a frame; its address says in which language.
const village = createServer((request, answer) => {
  const language = request.url.slice(1);
  answer.setHeader('Content-Type', 'text/html; charset=utf-8');
  answer.end(`<!doctype html><html lang="${language}"><title>Desa Lemukih</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <iframe id="form" src="${bridge.url}/embed/village?lang=${language}" title="Form"
      height="300" style="width: 100%; border: 0"></iframe>
    <script>addEventListener('message', (event) => {
      const frame = document.getElementById('form');
      if (event.source === frame.contentWindow) frame.height = event.data.kanal_height_px;
    });</script></html>`);
});
const village_url = () => `http://127.0.0.1:${village.address().port}`;

before(async () => {
  await new Promise((resolve) => village.listen(0, '127.0.0.1', resolve));
  const settings =
    '[channel.form]\nkind = "webform"\nleast_fill_s = 0\npeer_burst = 100\n' +
    `[channel.form.forms.report]\n[channel.form.forms.village]\nframe_origins = ["${village_url()}"]\n`;
  ({ bridge } = await start_stage(binary, chromium_path, pictures, settings));
});

after(async () => {
  village.close();
  await end_stage();
});

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
      await page.goto(bridge.url + new URL(page.url()).pathname);
      await check_page(page, `tracking-others-${size}-${language}`, language);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`a form in a frame of another site leads to the report at ${size} width in ${language}`, async () => {
      // The browser would rather have the other language than the frame.
      const { page, close } = await open_page(width, language === 'id' ? 'en' : 'id');
      await page.goto(`${village_url()}/${language}`);
      const frame = page.frameLocator('iframe');
      const send = () => frame.locator('form > button').click();
      const filled = frame.locator('textarea[name=text]');
      await page.waitForFunction(() => document.getElementById('form').height > 600);
      const inside = page.frames().find((each) => each !== page.mainFrame());
      await inside.waitForFunction(() => document.documentElement.scrollHeight <= innerHeight);
      await filled.fill('Pendek');
      await send();
      await frame.locator('#wrong').waitFor();
      await check_page(page, `framed-wrong-${size}-${language}`, language);
      assert.equal(await frame.locator('html').getAttribute('lang'), language);
      assert.equal(await filled.inputValue(), 'Pendek');
      await filled.fill('Jembatan gantung di Desa Lemukih putus talinya sejak kemarin.');
      await send();
      await frame.locator('[data-sent]').waitFor();
      await check_page(page, `framed-sent-${size}-${language}`, language);
      assert.equal(await frame.locator('html').getAttribute('lang'), language);
      const number = (await frame.locator('.code').textContent()).replaceAll('-', '');
      const links = frame.locator('a');
      assert.equal(await links.count(), 1);
      const [report] = await Promise.all([page.waitForEvent('popup'), links.click()]);
      await report.waitForURL(new RegExp(`/r/${number}\\?k=`));
      assert.match(await report.textContent('body'), /Jembatan gantung/);
      await close();
    });
  }
}

test('a text far beyond what the form takes is refused at its field, with all of it still there', async () => {
  const { page, close } = await open_page(k_widths.phone, 'en');
  await page.goto(`${bridge.url}/report`);
  const text = 'Jalan rusak. '.repeat(8000);
  await page.fill('textarea[name=text]', text);
  await page.click('form button:not([type=button])');
  await page.waitForSelector('#wrong');
  assert.match(await page.textContent('#e-text'), /at most 10000 characters/);
  assert.equal(await page.inputValue('textarea[name=text]'), text);
  await check_page(page, 'too-long-phone-en', 'en');
  await close();
});

test('a citizen reports from a phone without JavaScript', async () => {
  const { page, close } = await open_page(k_widths.phone, 'id', false);
  const address = await send_complaint(page, 'Lampu jalan mati di Jalan Gajah Mada, gelap sekali.');
  assert.match(address, /\/r\/\d{12}\?k=/);
  assert.match(await page.textContent('body'), /Gajah Mada/);
  await close();
});

test('the next user of a computer finds nothing of what was sent from it', async () => {
  const { page, close } = await open_page(k_widths.phone, 'id');
  const drafts = () =>
    page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('draft-')).length);
  await page.goto(`${bridge.url}/report`);
  const name = await page.getAttribute('form[data-draft]', 'data-draft');
  const held = 'Lihat http://a.example http://b.example http://c.example http://d.example';
  for (const [path, text, status] of [
    [`/embed/${name}`, 'Jembatan gantung di Desa Lemukih putus talinya.', 200],
    ['/report', held, 303],
  ]) {
    await page.goto(bridge.url + path);
    await page.fill('textarea[name=text]', text);
    assert.equal(await drafts(), 1);
    const [reply] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.click('form button:not([type=button])'),
    ]);
    assert.equal(reply.status(), status);
    await page.waitForSelector('[data-sent]');
    assert.equal(await drafts(), 0);
  }
  await page.goto(`${bridge.url}/report`);
  await page.fill('textarea[name=text]', 'Pungutan liar di kantor.');
  assert.equal(await drafts(), 1);
  await page.check('input[name=confidential]');
  assert.equal(await drafts(), 0);
  await page.fill('textarea[name=text]', 'Pungutan liar di kantor, setiap Senin.');
  assert.equal(await drafts(), 0);
  await close();
});

test('the other language shows reporters their own report', async () => {
  const { page, close } = await open_page(k_widths.phone, 'id');
  const address = new URL(await send_complaint(page, 'Selokan mampet di Jalan Ahmad Yani.'));
  for (const language of ['en', 'id']) {
    await Promise.all([
      page.waitForURL((url) => url.searchParams.get('lang') === language),
      page.click('header nav a[lang]'),
    ]);
    assert.equal(new URL(page.url()).searchParams.get('k'), address.searchParams.get('k'));
    assert.equal(await page.getAttribute('html', 'lang'), language);
    assert.equal(await page.locator('form[action$="/reply"]').count(), 1);
  }
  await close();
});

test('what was typed is kept when something is wrong with it', async () => {
  const { page, close } = await open_page(k_widths.phone, 'en', false);
  const text = 'A broken street light in front of the school.';
  await page.goto(`${bridge.url}/report`);
  await page.fill('textarea[name=text]', text);
  await page.fill('input[name=email]', 'not an address');
  const [reply] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.click('form button:not([type=button])'),
  ]);
  assert.equal(reply.status(), 422);
  assert.ok((await page.textContent('#e-email')).length > 5);
  assert.equal(await page.inputValue('textarea[name=text]'), text);
  await close();
});

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`the console looks right at ${size} width in ${language}`, async () => {
      const citizen = await open_page(width, language);
      await send_complaint(citizen.page, 'Sampah menumpuk di TPS Banyuning sejak hari raya.');
      await citizen.close();
      const { page, faults, close } = await open_page(width, language);
      await sign_in(page, 'admin');
      await check_page(page, `inbox-${size}-${language}`, language);
      await page.goto(`${bridge.url}/console?tab=all&q=zzzz`);
      await check_page(page, `inbox-none-${size}-${language}`, language);
      await open_report(page, 'Banyuning');
      await check_page(page, `case-${size}-${language}`, language);
      await page.fill('form[action$="/identity"] [name=why]', 'Menelepon pelapor');
      await page.click('form[action$="/identity"] button');
      await page.waitForSelector('#reporter [role=status]');
      await check_page(page, `identity-${size}-${language}`, language);
      for (const name of [
        'messages',
        'messages/1',
        'quarantine',
        'channels',
        'outbox',
        'officers',
        'officers/2',
        'account',
      ]) {
        await page.goto(`${bridge.url}/console/${name}`);
        await check_page(page, `${name.replace('/', '-')}-${size}-${language}`, language);
      }
      await page.goto(`${bridge.url}/console`);
      await sign_out(page);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

for (const javascript of [true, false]) {
  const how = javascript ? 'with' : 'without';
  test(`a report is verified, disposed, accepted and answered ${how} JavaScript`, async () => {
    const name = javascript ? 'Sambangan' : 'Kubutambahan';
    const citizen = await open_page(k_widths.phone, 'id', javascript);
    const tracking = await send_complaint(
      citizen.page,
      `Jalan berlubang besar di dekat pasar ${name}, sudah ada yang jatuh.`,
    );
    const width = javascript ? k_widths.desktop : k_widths.phone;
    const step = async (user, deeds) => {
      const { page, close } = await open_page(width, 'id', javascript);
      await sign_in(page, user);
      await open_report(page, name);
      for (const [event, fields] of deeds) await act(page, event, fields);
      await take_picture(page, `pipeline-${how}-${user}`);
      await close();
    };
    await step('admin', [
      ['note', { words: 'Sudah dicek di peta.' }],
      ['verify', { agency: 'buleleng' }],
    ]);
    await step('buleleng', [['dispose', { unit: 'putr' }]]);
    await step('putr', [
      ['accept'],
      ['interim', { words: 'Tim turun besok pagi.' }],
      ['answer', { words: 'Lubang sudah ditambal hari ini.' }],
    ]);
    await citizen.page.goto(tracking);
    assert.match(await citizen.page.textContent('body'), /Lubang sudah ditambal hari ini\./);
    assert.doesNotMatch(await citizen.page.textContent('body'), /Sudah dicek di peta/);
    await citizen.close();
  });
}

test('of two officers at one report the slower keeps what was written', async () => {
  const citizen = await open_page(k_widths.phone, 'id');
  await send_complaint(citizen.page, 'Lampu jalan di Desa Panji padam semua sejak Senin.');
  await citizen.close();
  const first = await open_page(k_widths.desktop, 'id');
  const second = await open_page(k_widths.phone, 'id');
  await sign_in(first.page, 'admin');
  await sign_in(second.page, 'admin');
  await open_report(first.page, 'Panji');
  await open_report(second.page, 'Panji');
  await act(first.page, 'verify', { agency: 'buleleng' });
  await second.page.locator('#act-archive summary').click();
  await second.page.fill('#act-archive textarea', 'Sudah ditangani di laporan lain.');
  await Promise.all([
    second.page.waitForResponse((response) => response.status() === 409),
    second.page.click('#act-archive form button'),
  ]);
  await check_page(second.page, 'outdated-phone-id', 'id');
  assert.equal(
    await second.page.inputValue('#act-archive textarea'),
    'Sudah ditangani di laporan lain.',
  );
  await first.close();
  await second.close();
});

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`what a late form held is shown at ${size} width in ${language}`, async () => {
      const { page, close } = await open_page(width, language);
      await send_complaint(page, `Rambu hilang di simpang Pemaron, ${size} ${language}.`);
      await sign_in(page, 'admin');
      await open_report(page, 'Pemaron');
      await page.locator('#act-note summary').click();
      await page.fill('#act-note textarea', 'Menunggu foto\ndari petugas.');
      await page.context().clearCookies();
      await Promise.all([
        page.waitForResponse((response) => response.status() === 401),
        page.click('#act-note form button'),
      ]);
      assert.equal(await page.inputValue('#written'), 'Menunggu foto\ndari petugas.');
      await check_page(page, `ended-${size}-${language}`, language);
      await close();
    });
  }
}

test('the inbox narrows as filters are chosen, and its address with it', async () => {
  const { page, faults, close } = await open_page(k_widths.desktop, 'id');
  await sign_in(page, 'admin');
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.click('details.more summary');
  await page.selectOption('select[name=state]', 'rejected');
  await page.waitForSelector('#results .empty');
  await page.waitForURL(/state=rejected/);
  assert.deepEqual(faults, []);
  await close();
});

test('the keyboard alone opens a report and writes a note', async () => {
  const { page, close } = await open_page(k_widths.desktop, 'id');
  await sign_in(page, 'admin');
  await page.goto(`${bridge.url}/console?tab=all`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.focus('td.what a');
  await page.keyboard.press('Enter');
  await page.waitForURL(/console\/reports/);
  await page.focus('#act-note summary');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Ditulis tanpa tetikus.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/done=note/);
  assert.match(await page.textContent('.history'), /Ditulis tanpa tetikus/);
  await close();
});

test('an address that leads nowhere and a wrong password are told kindly', async () => {
  const { page, close } = await open_page(k_widths.phone, 'id');
  await sign_in(page, 'admin');
  await page.goto(`${bridge.url}/console/reports/999999`);
  await check_page(page, 'missing-phone-id', 'id');
  await sign_out(page);
  await page.fill('input[name=user]', 'admin');
  await page.fill('input[name=password]', 'not this one');
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.click('main form button[type=submit]'),
  ]);
  await check_page(page, 'login-wrong-phone-id', 'id');
  await close();
});

test('who fails too often is told how long to wait, and not in a browser that is known', async () => {
  const known = await open_page(k_widths.phone, 'id');
  await sign_in(known.page, 'kemenkes');
  for (const [size, width] of Object.entries(k_widths)) {
    for (const [language, words] of [
      ['id', /Coba lagi dalam \d+ menit/],
      ['en', /Try again in \d+ minutes?/],
    ]) {
      const { page, close } = await open_page(width, language, false);
      await page.goto(`${bridge.url}/console/login`);
      let status = 403;
      for (let tries = 0; tries < 6 && status === 403; ++tries) {
        await page.fill('input[name=user]', 'kemenkes');
        await page.fill('input[name=password]', 'not this one');
        const [reply] = await Promise.all([
          page.waitForResponse((response) => response.request().method() === 'POST'),
          page.click('main form button[type=submit]'),
        ]);
        status = reply.status();
      }
      assert.equal(status, 429);
      assert.match(await page.textContent('[role=alert]'), words);
      await check_page(page, `locked-${size}-${language}`, language);
      await close();
    }
  }
  await sign_out(known.page);
  await sign_in(known.page, 'kemenkes');
  assert.match(known.page.url(), /\/console$/);
  await known.close();
});

for (const [size, width] of Object.entries(k_widths)) {
  for (const [language, words] of [
    ['id', /tunggu beberapa menit/],
    ['en', /wait a few minutes/],
  ]) {
    test(`a reply too many is kept and told of at ${size} width in ${language}`, async () => {
      const { page, close } = await open_page(width, language, false);
      const address = new URL(await send_complaint(page, `Pohon tumbang ${size} ${language}.`));
      const form = { k: address.searchParams.get('k'), text: 'tambahan' };
      await page.goto(address.href);
      await page.fill('textarea[name=text]', 'Ini jangan sampai hilang.');
      let status = 303;
      for (let sent = 0; sent < 20 && status === 303; ++sent) {
        const options = { form, maxRedirects: 0 };
        status = (await page.request.post(`${bridge.url}${address.pathname}/reply`, options)).status();
      }
      assert.equal(status, 429);
      const [reply] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.click('form[action$="/reply"] button'),
      ]);
      assert.equal(reply.status(), 429);
      assert.match(await page.textContent('[role=alert]'), words);
      assert.equal(await page.inputValue('textarea[name=text]'), 'Ini jangan sampai hilang.');
      await check_page(page, `too-many-replies-${size}-${language}`, language);
      await close();
    });
  }
}
