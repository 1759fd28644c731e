// Holds the real bridge's API against its own description, by validators that nobody here wrote.
// node api_test.mjs BINARY
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import add_formats from 'ajv-formats';

import { start_bridge } from './bridge.mjs';

const [binary] = process.argv.slice(2);
const k_settings = '[channel.form]\nkind = "webform"\nleast_fill_s = 0\n';
// One grey pixel.
const k_photo =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==';
const k_post = (id, text) =>
  JSON.stringify({
    id,
    author: { id: 'warga@example.org', name: 'Warga' },
    text,
    posted_at: '2026-01-02T03:04:05+07:00',
    place: { lat: -8.112, long: 115.088, address: 'Singaraja' },
  });

let bridge;
let document;
const tokens = {};
const covered = new Set();
const ajv = new Ajv2020({ strict: true, allErrors: true });
add_formats(ajv);
ajv.addVocabulary(['components']);

before(async () => {
  bridge = await start_bridge(binary, k_settings);
  for (const user of ['admin', 'pemantau', 'auditor', 'teknis', 'buleleng', 'putr', 'kemenkes']) {
    tokens[user] = bridge.command(['user', 'token', user, '--label', 'test']).trim();
  }
  const posts = [
    k_post('p1', 'Jalan berlubang di depan Pasar Banyuasri, Singaraja, hubungi 081234567890'),
    k_post('p2', 'Sampah menumpuk di TPS Banyuning sejak hari Senin'),
    k_post('p3', 'Lampu jalan mati di Jalan Gajah Mada sejak kemarin malam'),
  ];
  bridge.command(['ingest', '--channel', 'form', '-'], posts.join('\n') + '\n');
  document = await (await fetch(`${bridge.url}/api/v1/openapi.json`)).json();
  ajv.addSchema({ $id: 'kanal', components: document.components });
});

after(() => bridge?.stop());

// The path of the document that an address belongs to.
function path_of(method, address) {
  const path = new URL(address, bridge.url).pathname;
  return Object.keys(document.paths)
    .filter((template) => document.paths[template][method])
    .filter((template) => {
      const parts = template.split('/');
      const given = path.split('/');
      return (
        parts.length === given.length &&
        parts.every((part, at) => part.startsWith('{') || part === given[at])
      );
    })
    .sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

function check_by(schema, value, what) {
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"kanal#/'));
  const validate = ajv.compile(absolute);
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`);
}

// Asks, and holds status, type and body against the document.
async function ask(user, method, address, body, files) {
  const headers = {};
  if (user) headers.Authorization = `Bearer ${tokens[user]}`;
  let sent = body === undefined ? undefined : JSON.stringify(body);
  if (files) {
    sent = new FormData();
    for (const [name, value] of Object.entries(body)) sent.append(name, value);
    for (const [name, bytes] of files) sent.append('files', new Blob([bytes]), name);
  } else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  const reply = await fetch(`${bridge.url}/api/v1${address}`, { method, headers, body: sent });
  const lower = method.toLowerCase();
  const path = path_of(lower, `/api/v1${address}`);
  const what = `${method} ${address} as ${user ?? 'nobody'}: ${reply.status}`;
  assert.ok(path, `${what}: no such path in the document`);
  const operation = document.paths[path][lower];
  let described = operation.responses[reply.status];
  assert.ok(described, `${what} is not described`);
  if (described.$ref) {
    described = document.components.responses[described.$ref.split('/').at(-1)];
  }
  covered.add(operation.operationId);
  const bytes = Buffer.from(await reply.arrayBuffer());
  const text = bytes.toString();
  if (described.content?.['*/*']) return { status: reply.status, headers: reply.headers, bytes };
  if (!described.content) {
    assert.equal(text, '', what);
    return { status: reply.status, headers: reply.headers };
  }
  const type = reply.headers.get('content-type');
  assert.ok(described.content[type], `${what}: ${type} is not described`);
  const value = JSON.parse(text);
  check_by(described.content[type].schema, value, what);
  if (body !== undefined && reply.status < 300) {
    const as = files ? 'multipart/form-data' : 'application/json';
    const told = files ? { ...body, files: files.map(([name]) => name) } : body;
    check_by(operation.requestBody.content[as].schema, told, `${what}, body`);
  }
  return { status: reply.status, headers: reply.headers, value };
}

test('the document is OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(document));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.equal(document.openapi, '3.1.0');
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => operation.operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
});

test('every schema is one that a validator compiles strictly', () => {
  for (const name of Object.keys(document.components.schemas)) {
    ajv.compile({ $ref: `kanal#/components/schemas/${name}` });
  }
});

test('a report goes its way by the API alone, and every answer fits its description', async () => {
  const list = (await ask('admin', 'GET', '/reports?most=2')).value;
  assert.equal(list.reports.length, 2);
  const rest = (await ask('admin', 'GET', `/reports?most=2&before=${list.next}`)).value;
  assert.equal(rest.reports.length, 1);
  const { code, steps } = rest.reports[0];
  const events = `/reports/${code}/events`;
  const act = (user, body) => ask(user, 'POST', events, body);

  assert.equal((await act('kemenkes', { event: 'accept' })).status, 404);
  assert.equal((await act('pemantau', { event: 'verify', agency: 'buleleng' })).status, 403);
  assert.equal((await act('admin', { event: 'verify', colour: 'red' })).status, 422);
  assert.equal((await act('admin', { event: 'note', words: 7 })).status, 422);
  const verified = await act('admin', {
    event: 'verify',
    agency: 'buleleng',
    reason: 'a road of the regency',
    expected_steps: steps,
  });
  assert.equal(verified.value.state, 'at_agency');
  assert.equal(
    (await act('admin', { event: 'note', words: 'late', expected_steps: steps })).status,
    409,
  );
  await act('buleleng', { event: 'dispose', unit: 'putr' });
  await act('putr', { event: 'accept' });
  const words = 'Jalan sudah ditambal.';
  const photo = Buffer.from(k_photo, 'base64');
  const too_many = Array(5).fill(['a.png', photo]);
  const odd = [['a.png', Buffer.from('<script>alert(1)</script>')]];
  for (const files of [too_many, odd]) {
    assert.equal((await ask('putr', 'POST', events, { event: 'answer', words }, files)).status, 422);
  }
  const with_note = await ask('putr', 'POST', events, { event: 'note', words }, [['a.png', photo]]);
  assert.equal(with_note.value.errors[0].field, 'files');
  const answered = await ask('putr', 'POST', events, { event: 'answer', words }, [
    ['sesudah.png', photo],
  ]);
  assert.equal(answered.value.state, 'answered');
  const lines = (await ask('putr', 'GET', `/reports/${code}/history`)).value.history;
  const [file] = lines.at(-1).files;
  const href = `/api/v1/reports/${code}/history/${lines.at(-1).step}/files/0`;
  assert.deepEqual(
    { ...file, sha256: file.sha256.length },
    { name: 'sesudah.png', type: 'image/png', size_bytes: photo.length, sha256: 64, href },
  );
  const shown = await ask(undefined, 'GET', href.slice('/api/v1'.length));
  assert.equal(shown.bytes.length, photo.length);
  const { posts } = (await ask('putr', 'GET', `/reports/${code}/posts`)).value;
  const none = `/reports/${code}/posts/${posts[0].id}/files/0`;
  assert.equal((await ask('putr', 'GET', none)).status, 404);
  assert.equal((await act('putr', { event: 'accept' })).status, 409);
  await act('admin', { event: 'correct', title: 'Jalan berlubang', anonymous: true });

  for (const part of ['', '/history', '/posts', '/replies']) {
    for (const user of ['admin', 'pemantau', 'auditor', 'buleleng', 'putr']) {
      assert.equal((await ask(user, 'GET', `/reports/${code}${part}`)).status, 200);
    }
    assert.equal((await ask('kemenkes', 'GET', `/reports/${code}${part}`)).status, 404);
    assert.equal((await ask('teknis', 'GET', `/reports/${code}${part}`)).status, 403);
  }
  const open = (await ask(undefined, 'GET', `/reports/${code}`)).value;
  assert.ok(!JSON.stringify(open).includes('0812'));
  const history = (await ask(undefined, 'GET', `/reports/${code}/history`)).value.history;
  assert.ok(history.some((entry) => entry.words === 'Jalan sudah ditambal.'));
  const reporter = `/reports/${code}/reporter?why=to+call+back`;
  assert.equal((await ask('admin', 'GET', reporter)).value.name, 'Warga');
  assert.equal((await ask('putr', 'GET', reporter)).status, 403);
  const why = { why: 'to call back' };
  assert.equal((await ask('admin', 'POST', `/reports/${code}/reporter`, why)).value.name, 'Warga');
  assert.equal((await ask('putr', 'POST', `/reports/${code}/reporter`, why)).status, 403);
});

test('what runs the bridge fits its description too', async () => {
  const messages = (await ask('teknis', 'GET', '/messages?fate=report&most=2')).value;
  assert.equal(messages.messages.length, 2);
  const id = messages.messages[0].id;
  assert.equal((await ask('admin', 'GET', `/messages?before=${messages.next}`)).status, 200);
  const message = (await ask('admin', 'GET', `/messages/${id}`)).value;
  assert.ok(message.stages.length > 0);
  assert.equal((await ask('teknis', 'GET', `/messages/${id}`)).value.text, undefined);
  assert.equal((await ask('pemantau', 'POST', `/messages/${id}/promote`)).status, 422);
  assert.equal((await ask('pemantau', 'POST', `/messages/${id}/part`)).status, 422);
  assert.equal((await ask('teknis', 'POST', `/messages/${id}/part`)).status, 403);
  assert.equal((await ask('teknis', 'GET', '/quarantine')).status, 200);
  const waiting = '/quarantine?waiting=true&external_id=nothing&before=5';
  assert.deepEqual((await ask('teknis', 'GET', waiting)).value, { quarantine: [] });
  assert.equal((await ask('teknis', 'POST', '/quarantine/1/replay')).status, 404);
  const aside = { reason: 'an advertisement' };
  assert.equal((await ask('pemantau', 'POST', `/messages/${id}/discard`, aside)).status, 422);
  assert.equal((await ask('teknis', 'POST', `/messages/${id}/discard`, aside)).status, 403);
  assert.equal((await ask('pemantau', 'POST', '/quarantine/1/discard', aside)).status, 404);
  assert.equal((await ask('teknis', 'GET', '/quarantine/1')).status, 404);
  const why = { reason: 'a complaint' };
  assert.equal((await ask('teknis', 'POST', '/quarantine/1/raw', why)).status, 404);
  assert.equal((await ask('auditor', 'POST', `/messages/${id}/raw`, {})).status, 422);
  const raw = await ask('auditor', 'POST', `/messages/${id}/raw`, why);
  assert.ok(raw.bytes.length > 0);
  const threats = { reason: 'threats' };
  assert.equal((await ask('pemantau', 'POST', `/messages/${id}/block`, threats)).status, 204);
  const { blocked } = (await ask('admin', 'GET', '/senders/blocked')).value;
  assert.equal(blocked[0].newest_message, id);
  const unblock = `/senders/blocked/${blocked[0].id}/unblock`;
  assert.equal((await ask('admin', 'POST', unblock, { reason: 'apologised' })).status, 204);
  assert.equal((await ask('admin', 'POST', unblock, { reason: 'apologised' })).status, 404);
  assert.equal((await ask('teknis', 'GET', '/channels')).value.channels[0].name, 'form');
  assert.equal((await ask('teknis', 'POST', '/channels/form/pause')).value.paused, true);
  assert.equal((await ask('teknis', 'POST', '/channels/form/resume')).value.paused, false);
  assert.equal((await ask('teknis', 'POST', '/channels/form/test')).status, 422);
  assert.equal((await ask('teknis', 'GET', '/outbox')).status, 200);
  const verdict = '/outbox/1/verdict';
  assert.equal((await ask('teknis', 'POST', verdict, { verdict: 'perhaps' })).status, 422);
  assert.equal((await ask('putr', 'POST', verdict, { verdict: 'send_again' })).status, 403);
  assert.equal((await ask('teknis', 'POST', verdict, { verdict: 'send_again' })).status, 409);
  assert.equal((await ask(undefined, 'GET', '/organisation')).status, 200);
  assert.equal((await ask(undefined, 'GET', '/openapi.json')).status, 200);
});

test('officers and tokens are managed, and what is ended no longer counts', async () => {
  const made = { user: 'baru', role: 'liaison', unit: 'dlh', password: 'kuda makan rumput' };
  assert.equal((await ask('admin', 'POST', '/officers', made)).status, 201);
  assert.equal((await ask('admin', 'POST', '/officers', made)).status, 409);
  assert.equal((await ask('auditor', 'GET', '/officers')).status, 200);
  const moved = { role: 'liaison', unit: 'putr' };
  assert.equal((await ask('admin', 'POST', '/officers/baru/remit', moved)).value.unit, 'putr');
  assert.equal((await ask('putr', 'POST', '/officers/baru/remit', moved)).status, 403);
  const renewed = { password: 'kerbau minum di sungai' };
  assert.equal((await ask('admin', 'POST', '/officers/baru/password', renewed)).status, 204);
  assert.equal((await ask('admin', 'POST', '/officers/baru/disable')).value.disabled, true);
  assert.equal((await ask('admin', 'POST', '/officers/baru/enable')).value.disabled, false);
  tokens.second = (await ask('putr', 'POST', '/tokens', { label: 'second', days: 1 })).value.token;
  assert.equal((await ask('second', 'GET', '/me')).value.officer.user, 'putr');
  const third = (await ask('second', 'POST', '/tokens', { label: 'third', days: 300 })).value;
  assert.ok(Date.parse(third.expires_at) <= Date.now() + 24 * 3600 * 1000);
  tokens.third = third.token;
  assert.equal((await ask('third', 'GET', '/me')).status, 200);
  assert.equal((await ask('second', 'DELETE', '/tokens/current')).status, 204);
  assert.equal((await ask('second', 'GET', '/me')).status, 401);
  assert.equal((await ask('third', 'GET', '/me')).status, 401);
  assert.match(bridge.command(['user', 'revoke', 'kemenkes', '--label', 'test']), /1 ended/);
  assert.equal((await ask('kemenkes', 'GET', '/me')).status, 401);
  assert.equal((await ask('kemenkes', 'GET', '/organisation')).status, 401);
});

test('every operation was tried', () => {
  const all = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => operation.operationId),
  );
  assert.deepEqual(
    all.filter((id) => !covered.has(id)),
    [],
  );
});

test('what is refused before it reaches the API is a problem too, and is in the log', async () => {
  const problem = document.components.schemas.Problem;
  const refused = [
    ['GET', '/api/v1/nothing', {}, 404],
    ['GET', '/api/', {}, 404],
    ['PUT', '/api/v1/reports', {}, 405],
    ['GET', '/in/nowhere', {}, 404],
    ['GET', '/api/v1/reports/%00', {}, 400],
    ['GET', '/nothing', { Accept: 'application/json' }, 404],
  ];
  for (const [method, path, headers, status] of refused) {
    const reply = await fetch(bridge.url + path, { method, headers });
    assert.equal(reply.status, status, path);
    assert.equal(reply.headers.get('content-type'), 'application/problem+json', path);
    const value = await reply.json();
    check_by(problem, value, path);
    const end = Date.now() + 180_000;
    while (!bridge.log().includes(value.reference) && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(bridge.log().includes(value.reference), `${path}: ${value.reference} is in the log`);
  }
  const page = await fetch(`${bridge.url}/nothing`, { headers: { Accept: 'text/html' } });
  assert.equal(page.status, 404);
  assert.match(page.headers.get('content-type'), /^text\/html/);
});
