// What officers do at a report, and what its reporter sees of it.
// node acts_test.mjs BINARY CHROMIUM PICTURES-DIRECTORY SANDBOX
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

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
  start_stage,
  until,
} from './stage.mjs';
import { start_x } from './x_side.mjs';

const [binary, chromium_path, pictures, sandbox] = process.argv.slice(2);

let bridge;
let x;

before(async () => {
  x = await start_x(sandbox);
  const settings = '[channel.form]\nkind = "webform"\nleast_fill_s = 0\n' + x.settings_of('x');
  ({ bridge } = await start_stage(binary, chromium_path, pictures, settings, x.variables));
});

after(async () => {
  try {
    await end_stage();
  } finally {
    await x?.stop();
  }
});

for (const [size, javascript] of [
  ['desktop', true],
  ['phone', false],
]) {
  test(`an officer sees how an answer will arrive, at ${size} width`, async () => {
    const village = javascript ? 'Pakisan' : 'Bontihing';
    await x.post(`warga_${size}`, `@kanal Jembatan di Desa ${village} miring ke sungai`);
    const admin = await officer('admin');
    const listed = admin.page.locator('td.what a', { hasText: village });
    await until(async () => {
      await admin.page.goto(`${bridge.url}/console?tab=all&q=${village}`);
      return (await listed.count()) === 1;
    }, 'the post is a report');
    await open_report(admin.page, village);
    await act(admin.page, 'verify', { agency: 'buleleng' });
    await admin.close();
    for (const language of ['id', 'en']) {
      const { page, faults, close } = await officer('buleleng', language, k_widths[size], javascript);
      await open_report(page, village);
      await page.locator('#act-answer summary').click();
      await page.fill('#text-answer', 'Jembatannya sudah kami perkuat. '.repeat(12));
      const button = '#act-answer button[formaction]';
      if (!javascript) await Promise.all([page.waitForNavigation(), page.press(button, 'Enter')]);
      const shown = page.locator('#preview-answer .arrival');
      await shown.waitFor();
      assert.match(await shown.textContent(), /Jembatannya sudah kami perkuat/);
      assert.match(await shown.textContent(), /\d+ (dari|of) 280/);
      assert.match(await page.inputValue('#text-answer'), /perkuat/);
      await check_page(page, `preview-${size}-${language}`, language);
      assert.deepEqual(faults, []);
      await close();
    }
  });
}

// Stripes, so that it can be seen on the pictures of pages.
function bitmap_page(page) {
  return page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [480, 320];
    const pen = canvas.getContext('2d');
    for (let at = 0; at < 16; ++at) {
      pen.fillStyle = at % 2 ? '#c9d6df' : '#2f5d50';
      pen.fillRect(at * 30, 0, 30, 320);
    }
    return canvas.toDataURL('image/jpeg').split(',')[1];
  });
}

for (const [size, javascript] of [
  ['desktop', true],
  ['phone', false],
]) {
  test(`an officer answers with a photo and the citizen sees it, at ${size} width`, async () => {
    const village = javascript ? 'Panji' : 'Sambangan';
    const citizen = await open_page(k_widths.phone, 'id');
    const tracking = await send_complaint(
      citizen.page,
      `Trotoar di Desa ${village} ambles sedalam satu meter.`,
    );
    const bytes = Buffer.from(await bitmap_page(citizen.page), 'base64');
    const photo = { name: 'sesudah.jpg', mimeType: 'image/jpeg', buffer: bytes };
    const admin = await officer('admin', 'id', k_widths[size], javascript);
    await open_report(admin.page, village);
    await act(admin.page, 'verify', { agency: 'buleleng' });
    await admin.close();
    const writing = await officer('buleleng', 'id', k_widths[size], javascript);
    await open_report(writing.page, village);
    await act(writing.page, 'dispose', { unit: 'putr' });
    await writing.close();

    const { page, faults, close } = await officer('putr', 'id', k_widths[size], javascript);
    await open_report(page, village);
    if ((await page.locator('#act-answer').getAttribute('open')) === null) {
      await page.click('#act-answer summary');
    }
    await check_page(page, `answer-files-${size}-id`, 'id');
    await page.fill('#text-answer', 'Trotoarnya sudah kami perbaiki.');
    if (javascript) {
      // As where there is no room for files: a page without scripts of ours. It names an icon, or
      // the browser may ask for /favicon.ico.
      const body = '<link rel="icon" href="data:,"><p>Kembali</p>';
      const refuse = (route) => route.fulfill({ status: 507, contentType: 'text/html', body });
      await page.setInputFiles('#files-answer', [photo]);
      await page.route('**/act/answer', refuse);
      await press(page, 'form[action$="/act/answer"] button');
      await page.unroute('**/act/answer', refuse);
      await page.goBack();
      assert.equal(await page.inputValue('#text-answer'), 'Trotoarnya sudah kami perbaiki.');
      assert.ok(await page.isVisible('#text-answer'));
    }
    const odd = { name: 'catatan.txt', mimeType: 'text/plain', buffer: Buffer.from('Catatan.') };
    await page.setInputFiles('#files-answer', [photo, odd]);
    await press(page, 'form[action$="/act/answer"] button');
    assert.match(await page.textContent('#act-answer [role=alert]'), /catatan.txt/);
    assert.match(await page.textContent('#files-hint-answer'), /Pilih lagi berkasnya/);
    assert.equal(await page.inputValue('#text-answer'), 'Trotoarnya sudah kami perbaiki.');
    await check_page(page, `answer-files-refused-${size}-id`, 'id');
    await act(page, 'answer', { files: [photo, { ...photo, name: 'samping.jpg' }] });
    const shown = page.locator('.history .pictures img');
    assert.equal(await shown.count(), 2);
    await shown.first().scrollIntoViewIfNeeded();
    await until(() => shown.first().evaluate((each) => each.naturalWidth === 480), 'it is drawn');
    await check_page(page, `answered-files-${size}-id`, 'id');
    await page.goto(page.url().replace(/\?.*/, '?lang=en'));
    await page.click('#act-answer summary');
    await check_page(page, `answered-files-${size}-en`, 'en');
    assert.deepEqual(faults.filter((each) => !/status of (409|507) /.test(each)), []);
    await close();

    for (const language of ['id', 'en']) {
      const own = await open_page(k_widths[size], language, javascript);
      await own.page.goto(tracking);
      const picture = own.page.locator('.timeline .pictures img[alt="sesudah.jpg"]');
      await picture.scrollIntoViewIfNeeded();
      await until(() => picture.evaluate((each) => each.naturalWidth === 480), 'it is drawn');
      await check_page(own.page, `tracking-files-${size}-${language}`, language);
      await own.page.goto(tracking.replace(/\?.*/, ''));
      assert.equal(await own.page.locator('.timeline .pictures img').count(), 2);
      assert.deepEqual(own.faults, []);
      await own.close();
    }
    await citizen.close();
  });
}

test('who writes at a report is told that somebody else has changed it, and keeps their words', async () => {
  const citizen = await open_page(k_widths.phone, 'id');
  await send_complaint(citizen.page, 'Parit di Desa Baktiseraga dangkal dan penuh lumpur.');
  await citizen.close();
  const writing = await officer('admin', 'id', k_widths.phone);
  const acting = await officer('admin');
  await open_report(writing.page, 'Baktiseraga');
  await writing.page.locator('#act-note summary').click();
  await writing.page.fill('#act-note textarea', 'Sedang saya cek.');
  await open_report(acting.page, 'Baktiseraga');
  await act(acting.page, 'verify', { agency: 'buleleng' });
  await writing.page.locator('#live .notice').waitFor();
  await check_page(writing.page, 'changed-phone-id', 'id');
  assert.equal(await writing.page.inputValue('#act-note textarea'), 'Sedang saya cek.');
  await press(writing.page, '#live a');
  assert.match(await writing.page.textContent('.case-head'), /Terverifikasi/);
  assert.equal(await writing.page.locator('#live .notice').count(), 0);
  for (const each of [writing, acting]) await each.close();
});

test('a message that joined a report is made one of its own, and each leads to the other', async () => {
  const id = await x.post('warga', '@kanal Jalan di Desa Bebetin berlubang besar');
  const answered = async () =>
    (await x.timeline()).posts.find((each) => each.by === 'kanal' && each.in_reply_to === id);
  await until(answered, 'it is answered');
  await x.post('warga', '@kanal Sampah menumpuk di Desa Sudaji, tolong diangkut', {
    in_reply_to: (await answered()).id,
  });
  const { page, close } = await officer('pemantau');
  const joined = page.locator('td.what a', { hasText: 'Sudaji' });
  await until(async () => {
    await page.goto(`${bridge.url}/console/messages?fate=joined`);
    return (await joined.count()) === 1;
  }, 'it joined');
  const message = new URL(await joined.getAttribute('href'), bridge.url).href;
  for (const [size, width] of Object.entries(k_widths)) {
    for (const language of ['id', 'en']) {
      const other = await officer('pemantau', language, width);
      await other.page.goto(message);
      await check_page(other.page, `part-${size}-${language}`, language);
      await other.close();
    }
  }
  await page.goto(message);
  await press(page, 'form[action$="/part"] button');
  assert.match(await page.textContent('h1'), /Desa Sudaji/);
  assert.match(await page.textContent('.history'), /oleh petugas; sebelumnya bergabung/);
  await press(page, '.history a[href^="/console/reports/"]');
  assert.match(await page.textContent('h1'), /Desa Bebetin/);
  assert.match(await page.textContent('.history'), /satu pesannya menjadi laporan sendiri/);
  await page.goto(message);
  assert.equal(await page.locator('form[action$="/part"]').count(), 0);
  await close();
});

test('a blocked sender is kept out, is listed, and is heard again when let through', async () => {
  const fate_of = async (page, words) => {
    const row = page.locator('tr', { hasText: words });
    await until(async () => {
      await page.goto(`${bridge.url}/console/messages`);
      return (await row.count()) === 1;
    }, words);
    return row.locator('.badge').textContent();
  };
  await x.post('penggoda', '@kanal Semua pejabat di Desa Anturan tidak becus');
  const { page, close } = await officer('pemantau', 'id', k_widths.phone);
  assert.equal(await fate_of(page, 'Desa Anturan'), 'Menjadi laporan');
  await open_report(page, 'Anturan');
  await page.click('#block summary');
  await page.fill('#block textarea', 'Menghina petugas setiap hari.');
  await check_page(page, 'block-phone-id', 'id');
  await press(page, '#block form button');
  assert.match(await page.textContent('[role=status]'), /Pengirim diblokir/);
  assert.match(await page.textContent('#reporter'), /Menghina petugas setiap hari/);
  await check_page(page, 'blocked-report-phone-id', 'id');
  await x.post('penggoda', '@kanal Petugas di Desa Temukus pemalas');
  assert.equal(await fate_of(page, 'Desa Temukus'), 'Disaring');
  await press(page, '.lead a');
  await check_page(page, 'blocked-phone-id', 'id');
  assert.match(await page.textContent('tbody'), /Menghina petugas setiap hari/);
  await page.fill('tbody input[name=reason]', 'Sudah meminta maaf.');
  await press(page, 'tbody form button');
  assert.match(await page.textContent('main'), /Tidak ada yang diblokir/);
  await x.post('penggoda', '@kanal Lampu jalan di Desa Kaliasem padam');
  assert.equal(await fate_of(page, 'Desa Kaliasem'), 'Menjadi laporan');
  await close();
});

test('who may not block finds no way to', async () => {
  const { page, close } = await officer('auditor');
  await open_report(page, 'Anturan');
  assert.equal(await page.locator('#block').count(), 0);
  const reply = await page.goto(`${bridge.url}/console/blocked`);
  assert.equal(reply.status(), 403);
  await close();
});
