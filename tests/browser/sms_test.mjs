// What officers see of text messages: what was sent and cost, what was not and why. At both widths,
// in both languages. node sms_test.mjs BINARY CHROMIUM PICTURES-DIRECTORY SANDBOX
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { start_far_side } from './far_side.mjs';
import {
  check_page,
  end_stage,
  k_patience_ms,
  k_widths,
  open_page,
  open_report,
  sign_in,
  start_stage,
} from './stage.mjs';

const [binary, chromium_path, pictures, sandbox] = process.argv.slice(2);
let bridge;
let operator;

async function shown(count) {
  const end = Date.now() + k_patience_ms;
  for (;;) {
    const texts = (await operator.order('GET', '/texts')).shown;
    if (texts.length >= count) return texts;
    assert.ok(Date.now() < end, `${count} answers in time`);
    await sleep(50);
  }
}

before(async () => {
  operator = await start_far_side(sandbox, 'smsc');
  const settings = `[channel.sms]
kind = "smpp"
host = "${operator.host}"
port = ${operator.port}
security = "plain"
system_id = "${operator.system_id}"
password = "env:KANAL_BROWSER_SMSC_PASSWORD"
source = "1708"
segment_price = "350 IDR"
`;
  ({ bridge } = await start_stage(binary, chromium_path, pictures, settings, {
    KANAL_BROWSER_SMSC_PASSWORD: operator.password,
  }));
  const say = (text) => operator.order('POST', '/texts', { as: '+628123456789', text });
  await say('Jalan berlubang di depan pasar Banyuasri');
  await shown(1);
  await say('STOP');
  await shown(2);
  await say('STOP sampah menumpuk di kali Banyumala');
});

after(async () => {
  try {
    await end_stage();
  } finally {
    await operator?.stop();
  }
});

for (const [size, width] of Object.entries(k_widths)) {
  for (const language of ['id', 'en']) {
    test(`text messages look right at ${size} width in ${language}`, async () => {
      const { page, faults, close } = await open_page(width, language);
      const english = language === 'en';
      await sign_in(page, 'admin');
      await open_report(page, 'kali Banyumala');
      const withheld = english ? 'Not sent' : 'Tidak dikirim';
      const end = Date.now() + k_patience_ms;
      while (!(await page.textContent('.replies')).includes(withheld)) {
        assert.ok(Date.now() < end, 'the answer is withheld in time');
        await sleep(500);
        await page.reload();
      }
      const why = english ? 'asked for silence' : 'minta tidak dikirimi pesan';
      assert.ok((await page.textContent('.replies')).includes(why));
      await check_page(page, `sms-report-${size}-${language}`, language);
      await page.goto(`${bridge.url}/console/outbox`);
      const outbox = await page.textContent('table.list');
      for (const words of [english ? 'About no report' : 'Tanpa laporan', '1 SMS · 350 IDR', why]) {
        assert.ok(outbox.includes(words), words);
      }
      await check_page(page, `sms-outbox-${size}-${language}`, language);
      await page.goto(`${bridge.url}/console/channels`);
      assert.match(await page.textContent('#channel-sms'), /\d SMS · \d+ IDR/);
      await check_page(page, `sms-channels-${size}-${language}`, language);
      await page.goto(`${bridge.url}/console/messages`);
      await check_page(page, `sms-messages-${size}-${language}`, language);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}
