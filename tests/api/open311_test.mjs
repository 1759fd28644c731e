// The real bridge's GeoReport endpoint, asked by an HTTP client and read by an XML parser that nobody
// here wrote, in the way that FixMyStreet asks and reads.
// node open311_test.mjs BINARY
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import Ajv from 'ajv';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

import { start_bridge } from './bridge.mjs';
import * as schemas from './georeport_schema.mjs';

const [binary] = process.argv.slice(2);
const k_key = 'kunci-aplikasi-jalanku';
const k_settings = `[channel.apps]
kind = "open311"
[channel.apps.applications.jalanku]
key = "env:KANAL_API_OPEN311"
`;
// What holds what, in the documents of the standard and its extensions.
const k_lists = {
  services: 'service',
  attributes: 'attribute',
  values: 'value',
  service_requests: 'request',
  service_request_updates: 'request_update',
  errors: 'error',
  endpoints: 'endpoint',
  formats: 'format',
  notes: 'note',
};

const parser = new XMLParser({
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: true,
  htmlEntities: true,
  isArray: (name) => Object.values(k_lists).includes(name),
});

let bridge;
const ids = {};

// The Spark convention: the outermost name goes, a list is an array, what is empty is null.
function spark(name, node) {
  if (k_lists[name]) return (node[k_lists[name]] ?? []).map((each) => spark(k_lists[name], each));
  if (node !== null && typeof node === 'object') {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, spark(key, value)]));
  }
  return node === '' ? null : node;
}

function as_text(value) {
  if (Array.isArray(value)) return value.map(as_text);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, as_text(each)]));
  }
  return value === null ? null : String(value);
}

function parse_xml(text) {
  assert.equal(XMLValidator.validate(text), true);
  const [[name, node]] = Object.entries(parser.parse(text));
  return spark(name, node);
}

const address = (rest) => `${bridge.url}/open311/v2/${rest}`;

async function post(rest, fields) {
  return fetch(address(rest), {
    method: 'POST',
    body: new URLSearchParams({ api_key: k_key, ...fields }),
  });
}

async function get(rest, status = 200) {
  const answer = await fetch(address(rest));
  const text = await answer.text();
  assert.equal(answer.status, status, `${rest}: ${text}`);
  return text;
}

before(async () => {
  bridge = await start_bridge(binary, k_settings, { KANAL_API_OPEN311: k_key });
  const answer = await post('requests.xml', {
    service_code: 'road',
    lat: '-8.112054',
    long: '115.088191',
    first_name: 'Ni',
    last_name: '-',
    email: 'niluh@example.org',
    description: 'Lubang <besar> & dalam\n\nhttps://fixmystreet.example/report/1\n',
    'attribute[damage]': 'surface',
    'attribute[fixmystreet_id]': '17',
    media_url: 'https://fixmystreet.example/photo/1.jpeg',
  });
  assert.equal(answer.status, 200);
  ids.road = parse_xml(await answer.text())[0].service_request_id;
  const json = await post('requests.json', {
    service_code: 'waste',
    address_string: 'Pasar Anyar, Singaraja',
    description: 'Sampah menumpuk',
  });
  ids.waste = (await json.json())[0].service_request_id;
  for (const id of Object.values(ids)) {
    bridge.command(['report', 'act', id, 'verify', '--as', 'admin', '--agency', 'buleleng']);
  }
  bridge.command(['report', 'act', ids.road, 'dispose', '--as', 'buleleng', '--unit', 'putr']);
  bridge.command(['report', 'act', ids.road, 'answer', '--as', 'putr', '--words', 'Sudah "ditambal" & rata.']);
});

after(() => bridge?.stop());

test('every document says the same in XML and in JSON', async () => {
  const documents = [
    'discovery',
    'services',
    'services?lang=en',
    'services?jurisdiction_id=kemenkes',
    'services/road',
    'services/waste',
    'requests',
    'requests?extensions=true',
    'requests?status=closed',
    `requests/${ids.road}`,
    `requests?service_request_id=${ids.road},${ids.waste}`,
    'servicerequestupdates',
    `servicerequestupdates?service_request_id=${ids.waste}`,
  ];
  for (const each of documents) {
    const [path, query = ''] = each.split('?');
    const xml = parse_xml(await get(`${path}.xml?${query}`));
    const json = JSON.parse(await get(`${path}.json?${query}`));
    assert.deepEqual(as_text(json), xml, each);
  }
  for (const each of ['services/dragon', 'requests/1', 'tokens/x', 'dragons']) {
    const xml = parse_xml(await get(`${each}.xml`, 404));
    assert.deepEqual(as_text(JSON.parse(await get(`${each}.json`, 404))), xml, each);
    assert.equal(xml[0].code, '404');
  }
});

test('every document is one of the standard', async () => {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false });
  const fits = (name, value) => {
    const check = ajv.compile(schemas[name]);
    assert.ok(check(value), `${name}: ${ajv.errorsText(check.errors)}\n${JSON.stringify(value)}`);
  };
  for (const [name, path] of [
    ['discovery', 'discovery.json'],
    ['services', 'services.json'],
    ['definition', 'services/road.json'],
    ['definition', 'services/waste.json'],
    ['requests', 'requests.json'],
    ['requests', 'requests.json?status=open'],
    ['requests', `requests/${ids.waste}.json`],
  ]) {
    const value = JSON.parse(await get(path));
    assert.ok(!Array.isArray(value) || value.length > 0, path);
    fits(name, value);
  }
  for (const [path, status] of [
    ['requests/1.json', 404],
    ['services/dragon.json', 404],
    ['requests.json?start_date=yesterday', 400],
  ]) {
    fits('errors', JSON.parse(await get(path, status)));
  }
  const fields = { service_code: 'road', lat: '-8.1', long: '115.1', 'attribute[damage]': 'surface' };
  const made = await post('requests.json', fields);
  assert.equal(made.status, 200);
  fits('created', await made.json());
  const refused = await post('requests.json', { ...fields, api_key: 'nobody' });
  assert.equal(refused.status, 403);
  fits('errors', await refused.json());
});

test('a request reads back as it was written', async () => {
  const [request] = JSON.parse(await get(`requests/${ids.road}.json`));
  assert.match(request.description, /^Lubang <besar> & dalam\n\nhttps:\/\/fixmystreet\.example/);
  assert.match(request.description, /Apa yang rusak\? Permukaan jalan\nfixmystreet_id: 17/);
  assert.equal(request.lat, -8.112054);
  assert.equal(request.long, 115.088191);
  assert.equal(request.status_notes, 'Sudah "ditambal" & rata.');
  assert.deepEqual(parse_xml(await get(`requests/${ids.road}.xml`))[0].description, request.description);
  assert.ok(!(await get('requests.xml?extensions=true')).includes('niluh'));
});

test('updates are fetched by the hour, and each fits the range that was asked for', async () => {
  const end = new Date();
  const start = new Date(end - 3600_000);
  const range = `start_date=${start.toISOString().slice(0, 19)}Z&end_date=${end.toISOString().slice(0, 19)}Z`;
  const updates = parse_xml(await get(`servicerequestupdates.xml?${range}&jurisdiction_id=buleleng`));
  assert.equal(updates.length, 4);
  for (const update of updates) {
    assert.ok(new Date(update.updated_datetime) >= start);
    assert.match(update.updated_datetime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
    assert.ok(update.description.length > 0);
  }
  assert.equal(new Set(updates.map((each) => each.update_id)).size, updates.length);
});

test('an update is posted as FixMyStreet posts it, and again', async () => {
  const fields = {
    service_request_id: ids.road,
    update_id: '21',
    updated_datetime: new Date().toISOString().replace(/\.\d+/, ''),
    status: 'OPEN',
    description: 'Masih ada lubang di sisi timur',
    first_name: 'Budi',
    last_name: '-',
    email: 'budi@example.org',
  };
  const first = parse_xml(await (await post('servicerequestupdates.xml', fields)).text());
  assert.ok(first[0].update_id);
  const again = parse_xml(await (await post('servicerequestupdates.xml', fields)).text());
  assert.deepEqual(again, first);
  const shown = bridge.command(['report', 'show', ids.road]);
  assert.equal(shown.split('Masih ada lubang di sisi timur').length, 2);
});

test('two hundred requests at once are two hundred reports', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, number) =>
      post('requests.json', {
        service_code: 'street_light',
        lat: '-8.1',
        long: '115.1',
        description: `Lampu nomor ${number} mati`,
      }).then((answer) => answer.json()),
    ),
  );
  assert.equal(new Set(answers.map(([request]) => request.service_request_id)).size, 200);
});
