// SMPP as node-smpp speaks it, which nobody here wrote: as an ESME bound to our SMSC, and as the
// SMSC that the bridge binds to. node smpp_peer.mjs KANAL_SANDBOX KANAL
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import smpp from 'smpp';

import { start_bridge } from './bridge.mjs';
import { start_far_side } from './far_side.mjs';

const [sandbox, kanal] = process.argv.slice(2);
const k_patience_ms = 120_000;

async function eventually(condition, what) {
  const end = Date.now() + k_patience_ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert.ok(Date.now() < end, `in time: ${what}`);
    await sleep(50);
  }
}

const asked = (session, command, options = {}) =>
  new Promise((resolve) => session[command](options, resolve));

// One side of a session with what the other side says of its own accord, each answered.
function listen(session) {
  const heard = [];
  session.on('error', () => {});
  session.on('deliver_sm', (pdu) => {
    heard.push(pdu);
    session.send(pdu.response());
  });
  return heard;
}

// ---- node-smpp as ESME

let operator;
const open = [];

async function bound(command = 'bind_transceiver', password = operator.password) {
  const session = smpp.connect({ host: operator.host, port: Number(operator.port) });
  open.push(session);
  const heard = listen(session);
  await once(session, 'connect');
  const answer = await asked(session, command, { system_id: operator.system_id, password });
  return { session, heard, answer };
}

const text_of = (pdu) => pdu.message_payload?.message ?? pdu.short_message.message;
const shown = async () => (await operator.order('GET', '/texts')).shown;

before(async () => {
  operator = await start_far_side(sandbox, 'smsc');
});
after(async () => {
  for (const session of open) session.destroy();
  await operator?.stop();
});

test('an ESME binds with the password only, and is unbound when it asks', async () => {
  const refused = await bound('bind_transceiver', 'lain');
  assert.equal(refused.answer.command_status, smpp.ESME_RINVPASWD);
  const { session, answer } = await bound();
  assert.equal(answer.command_status, smpp.ESME_ROK);
  assert.equal(answer.system_id, 'KANAL-SMSC');
  assert.equal((await asked(session, 'enquire_link')).command_status, smpp.ESME_ROK);
  assert.equal((await asked(session, 'unbind')).command_status, smpp.ESME_ROK);
});

test('what phones send is delivered in its alphabet, and again until it is answered', async () => {
  await operator.order('POST', '/texts', { as: '+628123456789', text: 'Harga 5€ {naik}' });
  const { session, heard } = await bound();
  await eventually(() => heard.length === 1, 'the message');
  assert.equal(heard[0].source_addr, '628123456789');
  assert.equal(heard[0].source_addr_ton, smpp.TON.INTERNATIONAL);
  assert.equal(heard[0].destination_addr, '1708');
  assert.deepEqual(
    Buffer.from(smpp.encodings.ASCII.encode('Harga 5€ {naik}')),
    Buffer.from(smpp.encodings.ASCII.encode(text_of(heard[0]))),
  );
  await operator.order('POST', '/texts', { as: 'BANK', text: 'Selamat ❤' });
  await eventually(() => heard.length === 2, 'the second');
  assert.equal(heard[1].source_addr_ton, smpp.TON.ALPHANUMERIC);
  assert.equal(heard[1].data_coding, smpp.ENCODING.UCS2);
  assert.equal(text_of(heard[1]), 'Selamat ❤');
  session.destroy();
  await eventually(async () => (await operator.order('GET', '/texts')).unanswered === 0, 'answers');

  const silent = smpp.connect({ host: operator.host, port: Number(operator.port) });
  open.push(silent);
  silent.on('error', () => {});
  await once(silent, 'connect');
  await asked(silent, 'bind_receiver', {
    system_id: operator.system_id,
    password: operator.password,
  });
  const came = once(silent, 'deliver_sm');
  await operator.order('POST', '/texts', { as: '+628123456789', text: 'belum dijawab' });
  await came;
  silent.destroy();
  const next = await bound('bind_receiver');
  await eventually(() => next.heard.length === 1, 'the message again');
  assert.equal(text_of(next.heard[0]), 'belum dijawab');
  next.session.destroy();
});

test('long messages come in parts with a header, in the order that was asked for', async () => {
  const { session, heard } = await bound();
  const text = 'Jalan rusak di depan pasar. '.repeat(10);
  await operator.order('POST', '/texts', { as: '+628123456789', text, order: [2, 1] });
  await eventually(() => heard.length === 2, 'both parts');
  const parts = heard.map((pdu) => {
    const [, , , total, number] = pdu.short_message.udh[0];
    return { number, total, text: text_of(pdu) };
  });
  assert.deepEqual(parts.map((part) => [part.number, part.total]), [[2, 2], [1, 2]]);
  assert.equal(parts[1].text + parts[0].text, text);
  session.destroy();
});

test('submits reach the phone, are throttled when that is ordered, and receipts follow', async () => {
  const { session, heard } = await bound();
  await operator.order('POST', '/faults', { fault: 'throttled', times: 1 });
  const message = {
    source_addr: '1708',
    destination_addr: '628777',
    dest_addr_ton: 1,
    registered_delivery: 1,
    short_message: 'Terima kasih',
  };
  const before = (await shown()).length;
  assert.equal((await asked(session, 'submit_sm', message)).command_status, smpp.ESME_RTHROTTLED);
  await operator.order('POST', '/settings', { hold_receipts: true, hex_ids: true });
  const first = await asked(session, 'submit_sm', message);
  const second = await asked(session, 'submit_sm', { ...message, short_message: 'dua' });
  assert.equal(first.command_status, smpp.ESME_ROK);
  assert.equal((await shown()).length, before + 2);
  const { at, ...newest } = (await shown()).at(-1);
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 600_000);
  assert.deepEqual(newest, {
    to: '+628777',
    from: '1708',
    text: 'dua',
    segments: 1,
    data_coding: 1,
  });
  assert.equal(heard.length, 0);
  await operator.order('POST', '/receipts', { newest_first: true });
  await eventually(() => heard.length === 2, 'receipts');
  const ids = heard.map((pdu) => /^id:(\d+) .*stat:DELIVRD/.exec(text_of(pdu))[1]);
  assert.deepEqual(
    ids.map((id) => Number(id).toString(16).toUpperCase()),
    [second.message_id, first.message_id],
  );
  assert.equal(heard[0].esm_class, 4);
  session.destroy();
});

test('a link that is dropped is dropped, and a message may have gone out unanswered', async () => {
  const { session } = await bound();
  await operator.order('POST', '/faults', { fault: 'lost_answer' });
  const before = (await shown()).length;
  const closed = once(session, 'close');
  session.submit_sm({ source_addr: '1708', destination_addr: '628777', short_message: 'hilang' });
  await closed;
  assert.equal((await shown()).length, before + 1);
});

// ---- node-smpp as SMSC

const asked_of = (bridge, ...arguments_) =>
  bridge
    .command([...arguments_, '--json'])
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const reports_of = (bridge) =>
  asked_of(bridge, 'report', 'list', '--most', '100').filter((report) => report.channel === 'sms');
const says = (session, short_message, more = {}) =>
  asked(session, 'deliver_sm', {
    source_addr: '081234567890',
    destination_addr: '1708',
    short_message,
    ...more,
  });

test('the bridge reads, answers and keeps alive what node-smpp serves', async (t) => {
  const submitted = [];
  const binds = [];
  let throttle = 1;
  let last_id = 0;
  let standing;
  const server = smpp.createServer({}, (session) => {
    session.on('error', () => {});
    session.on('bind_transceiver', (pdu) => {
      binds.push(pdu);
      const right = pdu.system_id === 'kanal' && pdu.password === 'rahasia';
      session.send(
        pdu.response({ command_status: right ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL }),
      );
      standing = session;
    });
    session.on('submit_sm', (pdu) => {
      if (throttle-- > 0) {
        session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
        return;
      }
      const id = String(++last_id);
      submitted.push({ id, pdu });
      session.send(pdu.response({ message_id: id }));
      if (!pdu.registered_delivery) return;
      session.deliver_sm({
        esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
        source_addr: pdu.destination_addr,
        destination_addr: pdu.source_addr,
        receipted_message_id: id,
        message_state: smpp.MESSAGE_STATE.DELIVERED,
        short_message: `id:${id} sub:001 dlvrd:001 stat:DELIVRD err:000`,
      });
    });
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu) => session.send(pdu.response()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.KANAL_PEER_SMPP_PASSWORD = 'rahasia';
  const bridge = await start_bridge(
    kanal,
    `[channel.sms]
kind = "smpp"
host = "127.0.0.1"
port = ${server.address().port}
security = "plain"
system_id = "kanal"
password = "env:KANAL_PEER_SMPP_PASSWORD"
source = "1708"
alphabet_1 = "gsm7"
enquire_every_s = 1
`,
  );
  t.after(async () => {
    try {
      await bridge.stop();
    } finally {
      server.close();
      for (const session of server.sessions) session.destroy();
    }
  });
  const query = (...arguments_) => asked_of(bridge, ...arguments_);
  const reports = () => reports_of(bridge);

  await eventually(() => standing, 'a bind');
  assert.equal(binds[0].interface_version, 0x34);
  // It labels GSM-7 with data_coding 1 by itself.
  const answer = await says(standing, 'Lampu jalan mati di depan pasar, harga 5€ {rusak}');
  assert.equal(answer.command_status, smpp.ESME_ROK);
  assert.equal(reports().length, 1);
  assert.equal(reports()[0].text, 'Lampu jalan mati di depan pasar, harga 5€ {rusak}');
  await eventually(() => submitted.length === 1, 'the acknowledgement, after being throttled');
  const { pdu } = submitted[0];
  assert.equal(pdu.destination_addr, '6281234567890');
  assert.equal(pdu.dest_addr_ton, smpp.TON.INTERNATIONAL);
  assert.equal(pdu.source_addr, '1708');
  assert.equal(pdu.data_coding, 0);
  assert.ok(text_of(pdu).includes(reports()[0].code));
  await eventually(
    () => query('report', 'show', reports()[0].code)[0].replies[0].state === 'delivered',
    'the receipt',
  );

  // Unicode in two parts, the second first, each answered only when it is stored.
  const words = 'Sampah menumpuk ❤ '.repeat(6).trim();
  const units = Buffer.from(words, 'utf16le').swap16();
  const part = (number) => ({
    esm_class: 0x40,
    data_coding: 8,
    short_message: {
      udh: Buffer.from([5, 0, 3, 77, 2, number]),
      message: units.subarray(number === 1 ? 0 : 134, number === 1 ? 134 : undefined),
    },
  });
  for (const number of [2, 1]) {
    const got = await says(standing, part(number).short_message, {
      ...part(number),
      source_addr: '089977788899',
    });
    assert.equal(got.command_status, smpp.ESME_ROK);
  }
  assert.equal(reports().length, 2);
  assert.ok(reports().some((report) => report.text === words));

  // The link breaks: the bridge is back by itself, and what comes again is known.
  const before = binds.length;
  standing.destroy();
  await eventually(() => binds.length > before, 'another bind');
  await eventually(() => standing.socket.writable, 'a session');
  await says(standing, 'BANK: kode Anda 1234', { source_addr: 'BANK', source_addr_ton: 5 });
  assert.equal(reports().length, 2);
  assert.equal(submitted.filter((each) => each.pdu.destination_addr === 'BANK').length, 0);
});

function own_certificate(directory, name) {
  const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
  execFileSync(
    '/usr/bin/openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days']
      .concat(['2', '-subj', '/CN=smsc', '-addext', 'subjectAltName=IP:127.0.0.1'])
      .concat(['-keyout', key, '-out', cert]),
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key), cert: readFileSync(cert), file: cert };
}

test('over TLS three sessions carry both ways, are mended singly and unbound when paused', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kanal-smsc-'));
  const certificate = own_certificate(directory, 'smsc');
  const other = own_certificate(directory, 'other');
  const bound = new Set();
  const unbound = new Set();
  const submitted = [];
  const server = smpp.createServer({ key: certificate.key, cert: certificate.cert }, (session) => {
    session.on('error', () => {});
    session.on('close', () => bound.delete(session));
    session.on('bind_transceiver', (pdu) => {
      session.send(pdu.response());
      bound.add(session);
    });
    session.on('submit_sm', (pdu) => {
      submitted.push({ session, pdu });
      // Slow, so that one session alone cannot take them all.
      setTimeout(() => session.send(pdu.response({ message_id: String(submitted.length) })), 200);
    });
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu) => {
      unbound.add(session);
      session.send(pdu.response());
    });
  });
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const settings = (ca_file) => `[channel.sms]
kind = "smpp"
host = "127.0.0.1"
port = ${server.address().port}
ca_file = "${ca_file}"
system_id = "kanal"
password = "env:KANAL_PEER_SMPP_PASSWORD"
source = "1708"
alphabet_1 = "gsm7"
binds = 3
window = 1
enquire_every_s = 1
`;
  process.env.KANAL_PEER_SMPP_PASSWORD = 'rahasia';
  const running = [];
  t.after(async () => {
    try {
      await Promise.all(running.map((bridge) => bridge.stop()));
    } finally {
      server.close();
      for (const session of server.sessions) session.destroy();
      rmSync(directory, { recursive: true, force: true });
    }
  });
  const bridge = await start_bridge(kanal, settings(certificate.file));
  running.push(bridge);

  await eventually(() => bound.size === 3, 'three sessions');
  const first = [...bound];
  for (const session of first) assert.equal(session.socket.encrypted, true);
  // What is owed at once is sent over more than one; a slow machine may owe one after the other.
  let reports = 0;
  const used = () => new Set(submitted.map((each) => each.session)).size;
  for (let round = 0; round < 10 && used() < 2; ++round) {
    const answers = await Promise.all(
      first.map((session, i) =>
        says(session, `Pohon tumbang di banjar ${round}${i}`, { source_addr: `0812345678${round}${i}` }),
      ),
    );
    for (const answer of answers) assert.equal(answer.command_status, smpp.ESME_ROK);
    reports += 3;
    assert.equal(reports_of(bridge).length, reports);
    await eventually(() => submitted.length === reports, 'all answers');
  }
  assert.ok(used() > 1);

  // One of them breaks: the others go on, and it is dialled again after its while.
  first[0].destroy();
  // Dialled long ago, it is dialled again at once.
  await eventually(() => !bound.has(first[0]), 'that one gone');
  assert.equal(
    (await says(first[1], 'Lampu mati di gang', { source_addr: '081234567999' })).command_status,
    smpp.ESME_ROK,
  );
  assert.equal(reports_of(bridge).length, reports + 1);
  await eventually(() => bound.size === 3, 'three again');

  bridge.command(['channel', 'pause', 'sms']);
  await eventually(() => bound.size === 0, 'nobody bound');
  assert.equal(unbound.size, 3);
  bridge.command(['channel', 'resume', 'sms']);
  await eventually(() => bound.size === 3, 'three once more');

  // A certificate that is not trusted is a person's matter, and learns no password.
  const binds = unbound.size + bound.size;
  const wary = await start_bridge(kanal, settings(other.file));
  running.push(wary);
  const health = () => asked_of(wary, 'channel', 'show', 'sms')[0];
  await eventually(() => health().health === 'credentials_refused', 'the certificate refused');
  assert.match(health().said, /certificate/i);
  assert.equal(unbound.size + bound.size, binds);
});
