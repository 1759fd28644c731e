// The sandbox of a mail server as clients see it that nobody here wrote: imapflow reads, nodemailer
// and swaks send. node mail_peer.mjs KANAL_SANDBOX
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';

import { start_far_side } from './far_side.mjs';

const [binary] = process.argv.slice(2);
const k_patience_ms = 180_000;

let server;
const open = [];

before(async () => {
  server = await start_far_side(binary, 'email');
});
after(async () => {
  for (const client of open) client.close();
  await server?.stop();
});

async function reader(user, more = {}) {
  const client = new ImapFlow({
    host: server.host,
    port: Number(server.imap_port),
    secure: false,
    doSTARTTLS: false,
    auth: { user: `${user}@${server.domain}`, pass: server.password },
    logger: false,
    ...more,
  });
  client.on('error', () => {});
  open.push(client);
  await client.connect();
  return client;
}

function sender(user, more = {}) {
  return createTransport({
    host: server.host,
    port: Number(server.smtp_port),
    secure: false,
    ignoreTLS: true,
    auth: { user: `${user}@${server.domain}`, pass: server.password },
    ...more,
  });
}

const mail = (from, to, subject, more = {}) => ({
  from: `${from}@${server.domain}`,
  to: `${to}@${server.domain}`,
  subject,
  text: 'Jalan rusak di depan pasar.\n.baris dengan titik\n',
  ...more,
});

const order = (fault, more = {}) => server.order('POST', '/faults', { fault, ...more });
const mended = () => server.order('DELETE', '/faults');

async function eventually(condition, what) {
  for (const end = Date.now() + k_patience_ms; Date.now() < end; await sleep(50)) {
    const found = await condition();
    if (found) return found;
  }
  return assert.fail(`in time: ${what}`);
}

async function refusal(promise) {
  return promise.then(
    () => assert.fail('it was not refused'),
    (error) => error,
  );
}

async function all_of(client, folder = 'INBOX', query = {}) {
  await client.mailboxOpen(folder);
  const found = [];
  for await (const one of client.fetch('1:*', { uid: true, flags: true, source: true, ...query })) {
    found.push(one);
  }
  return found;
}

function swaks(...more) {
  return new Promise((resolve) => {
    execFile(
      'swaks',
      ['--server', `${server.host}:${server.smtp_port}`, '--helo', 'warga.test', ...more],
      { timeout: k_patience_ms },
      (error, out) => resolve({ code: error?.code ?? 0, out }),
    );
  });
}

test('what nodemailer sends, with either login, imapflow reads as it was', async () => {
  for (const authMethod of ['PLAIN', 'LOGIN']) {
    const sent = await sender('wati', { authMethod }).sendMail(
      mail('wati', 'dua', `Lampu jalan mati — ${authMethod}`, {
        attachments: [{ filename: 'lampu.bin', content: Buffer.alloc(200_000, 7) }],
      }),
    );
    assert.deepEqual(sent.accepted, [`dua@${server.domain}`]);
  }
  const client = await reader('dua');
  const found = await all_of(client, 'INBOX', { envelope: true, size: true, internalDate: true });
  assert.equal(found.length, 2);
  assert.deepEqual(found.map((one) => one.uid), [1, 2]);
  assert.equal(found[0].envelope.from[0].address, `wati@${server.domain}`);
  assert.match(found[1].envelope.subject, /LOGIN/);
  assert.equal(found[0].size, found[0].source.length);
  assert.ok(Math.abs(found[0].internalDate - Date.now()) < 600_000);
  const text = found[0].source.toString();
  assert.ok(text.includes(`Return-Path: <wati@${server.domain}>`));
  assert.ok(text.includes('\r\n.baris dengan titik\r\n'));
  assert.deepEqual([...found[0].flags], [], 'PEEK marks nothing');
  const part = await client.fetchOne('1', { source: { start: 10, maxLength: 20 } });
  assert.deepEqual(part.source, found[0].source.subarray(10, 30));
});

test('a wrong password and a strange mechanism are refused on both sides', async () => {
  const auth = { user: `wati@${server.domain}`, pass: 'salah' };
  assert.ok((await refusal(reader('wati', { auth }))).authenticationFailed);
  assert.equal((await refusal(sender('wati', { auth }).verify())).responseCode, 535);
  await order('refused');
  assert.ok((await refusal(reader('wati'))).authenticationFailed);
  assert.equal((await refusal(sender('wati').verify())).responseCode, 535);
  await mended();
  const strange = await refusal(sender('wati', { auth: undefined }).sendMail(mail('a', 'b', 'c')));
  assert.equal(strange.responseCode, 530);
});

test('flags, search, folders, copies and moves are kept as imapflow asks for them', async () => {
  const client = await reader('tiga');
  for (const subject of ['satu', 'dua', 'tiga', 'empat']) {
    await server.order('POST', '/mails', { as: 'budi', to: 'tiga', subject, text: subject });
  }
  const opened = await client.mailboxOpen('INBOX');
  assert.equal(opened.exists, 4);
  assert.equal(opened.uidNext, 5);
  await client.messageFlagsAdd('1,3', ['\\Seen'], { uid: true });
  assert.deepEqual(await client.search({ seen: false }, { uid: true }), [2, 4]);
  assert.deepEqual(await client.search({ or: [{ subject: 'satu' }, { subject: 'empat' }] }), [1, 4]);
  assert.deepEqual(await client.search({ since: new Date(Date.now() - 86_400_000), not: { uid: '2:*' } }), [1]);
  await client.mailboxCreate('Kanal');
  assert.deepEqual((await client.list()).map((folder) => folder.path).sort(), ['INBOX', 'Kanal']);
  const moved = await client.messageMove('2:3', 'Kanal', { uid: true });
  assert.deepEqual([...moved.uidMap], [[2, 1], [3, 2]]);
  const copied = await client.messageCopy('4', 'Kanal', { uid: true });
  assert.deepEqual([...copied.uidMap], [[4, 3]]);
  assert.ok(await client.messageDelete('1', { uid: true }));
  assert.deepEqual((await all_of(client)).map((one) => one.uid), [4]);
  assert.equal((await client.status('Kanal', { messages: true, unseen: true })).unseen, 2);
  const added = await client.append('Kanal', 'Subject: sendiri\r\n\r\nisi\r\n', ['\\Flagged']);
  assert.equal(added.uid, 4);
  const kept = await all_of(client, 'Kanal');
  assert.deepEqual([...kept[3].flags], ['\\Flagged']);
  assert.equal(kept[3].source.toString(), 'Subject: sendiri\r\n\r\nisi\r\n');
});

test('an idle session hears of new mail, and of numbers that no longer hold', async () => {
  const client = await reader('empat');
  const before = await client.mailboxOpen('INBOX');
  const heard = new Promise((resolve) => client.on('exists', resolve));
  const idling = client.idle();
  await sender('wati').sendMail(mail('wati', 'empat', 'baru'));
  assert.equal((await heard).count, 1);
  client.close();
  await idling.catch(() => {});
  await server.order('POST', '/numbers', { of: 'empat' });
  const again = await (await reader('empat')).mailboxOpen('INBOX');
  assert.ok(again.uidValidity > before.uidValidity);
});

test('a mail that breaks off in its middle is read whole the next time', async () => {
  await sender('wati').sendMail(mail('wati', 'lima', 'putus', { text: 'x'.repeat(100_000) }));
  await order('drop_literal');
  const client = await reader('lima');
  await refusal(all_of(client));
  assert.equal((await all_of(await reader('lima'))).length, 1);
});

test('greylisting and refusals are told to nodemailer, and pass', async () => {
  await order('greylist');
  const later = await refusal(sender('wati').sendMail(mail('wati', 'enam', 'nanti')));
  assert.equal(later.responseCode, 451);
  await order('refuse');
  assert.equal(
    (await refusal(sender('wati').sendMail(mail('wati', 'enam', 'siapa')))).responseCode,
    550,
  );
  const away = { ...mail('wati', 'enam', 'keluar'), to: 'orang@example.com' };
  assert.equal((await refusal(sender('wati').sendMail(away))).responseCode, 550);
  await sender('wati').sendMail(mail('wati', 'enam', 'kini'));
  assert.equal((await all_of(await reader('enam'))).length, 1);
});

test('a bounce comes back as a report that names the envelope and the recipient', async () => {
  const dsn = { id: 'amplop-7', return: 'headers', notify: ['failure'], recipient: 'x@contoh.test' };
  await order('bounce');
  await sender('tujuh').sendMail(mail('tujuh', 'delapan', 'kembali', { dsn }));
  const [report] = await all_of(await reader('tujuh'));
  const text = report.source.toString();
  assert.match(text, /^Return-Path: <>/);
  assert.match(text, /multipart\/report; report-type=delivery-status/);
  assert.match(text, /Original-Envelope-Id: amplop-7/);
  assert.match(text, /Final-Recipient: rfc822; delapan@contoh\.test/);
  assert.match(text, /Action: failed\r\nStatus: 5\.1\.1/);
  assert.match(text, /Subject: kembali/);
  assert.equal((await all_of(await reader('delapan'))).length, 0);
  await order('bounce');
  const quiet = { ...dsn, notify: 'never' };
  await sender('tujuh').sendMail(mail('tujuh', 'delapan', 'diam', { dsn: quiet }));
  assert.equal((await all_of(await reader('tujuh'))).length, 1);
  const { mails } = await server.order('GET', '/mails?of=tujuh');
  assert.equal(mails.filter((one) => one.bounce).length, 1);
});

test('swaks, which talks by the letter, gets its mail through', async () => {
  const login = ['--auth-user', `wati@${server.domain}`, '--auth-password', server.password];
  for (const how of ['PLAIN', 'LOGIN']) {
    const to = `sembilan+${how.toLowerCase()}@${server.domain}`;
    const sent = await swaks('--auth', how, ...login, '--pipeline', '--from',
      `wati@${server.domain}`, '--to', to, '--header', `Subject: swaks ${how}`);
    assert.equal(sent.code, 0, sent.out);
    assert.match(sent.out, /250 2\.0\.0 queued/);
  }
  assert.equal((await all_of(await reader('sembilan'))).length, 2);
  const unsigned = await swaks('--from', `wati@${server.domain}`, '--to', `x@${server.domain}`);
  assert.notEqual(unsigned.code, 0);
  assert.match(unsigned.out, /530 5\.7\.0/);
});

test('a server that is away, busy, slow or gone before it answers is one', async () => {
  await order('away');
  await refusal(reader('wati'));
  await mended();
  await order('too_many');
  assert.equal((await refusal(sender('wati').verify())).responseCode, 421);
  await mended();
  await order('slow', { delay_ms: 300 });
  const began = Date.now();
  await sender('wati').verify();
  assert.ok(Date.now() - began >= 300);
  await mended();
  await order('lost_answer');
  await refusal(sender('wati').sendMail(mail('wati', 'sepuluh', 'sampai?')));
  assert.equal((await all_of(await reader('sepuluh'))).length, 1);
});
