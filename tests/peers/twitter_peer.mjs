// The sandbox of the X API as clients see it that nobody here wrote. What they sign, page through,
// post and map to errors must work as it does with X. node twitter_peer.mjs KANAL_SANDBOX
// KANAL_PUBLISHED: a directory with X's published description in x-api/openapi.json, if it is at hand.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { ApiError, Client, OAuth1, PostPaginator } from '@xdevplatform/xdk';
import Ajv from 'ajv';

import { start_far_side } from './far_side.mjs';

// Its module build does not load in Node.js 20.
const { TwitterApi, ApiResponseError, EApiV1ErrorCode } = createRequire(import.meta.url)(
  'twitter-api-v2',
);

const [binary] = process.argv.slice(2);
const published = process.env.KANAL_PUBLISHED && `${process.env.KANAL_PUBLISHED}/x-api/openapi.json`;
const k_all_fields =
  'attachments,author_id,conversation_id,created_at,entities,geo,in_reply_to_user_id,lang,' +
  'note_tweet,referenced_tweets';
// What the bridge asks for with dialect = "posts", as the first-party client names it.
const k_renamed_fields = {
  postFields: 'attachments,conversation_id,created_at,entities,geo,lang,note_post'.split(','),
  expansions: [
    'author_id',
    'referenced_posts',
    'attachments.media_keys',
    'geo.place_id',
    'in_reply_to_user_id',
  ],
  mediaFields: 'alt_text,media_key,preview_image_url,type,url'.split(','),
  placeFields: ['full_name', 'geo'],
  userFields: ['name', 'username'],
};

let far_side;

before(async () => {
  far_side = await start_far_side(binary, 'twitter');
  await far_side.order('POST', '/settings', { keeps_answers: true });
});
after(async () => far_side?.stop());

function plhery(more = {}) {
  const client = new TwitterApi(
    {
      appKey: far_side.consumer_key,
      appSecret: far_side.consumer_secret,
      accessToken: far_side.access_token,
      accessSecret: far_side.access_secret,
      ...more,
    },
    { httpAgent: new http.Agent() },
  );
  for (const part of [client.v2, client.v2.readWrite, client.v2.readOnly]) {
    part.setPrefix(`${far_side.url}/2/`);
  }
  return client;
}

function first_party() {
  const oauth1 = new OAuth1({
    apiKey: far_side.consumer_key,
    apiSecret: far_side.consumer_secret,
    accessToken: far_side.access_token,
    accessTokenSecret: far_side.access_secret,
    callback: 'oob',
  });
  return new Client({ oauth1, baseUrl: far_side.url, retry: false });
}

function first_party_mentions(id, more = {}) {
  const { users } = first_party();
  return new PostPaginator((token) =>
    users.getMentions(id, {
      maxResults: 5,
      paginationToken: token,
      ...k_renamed_fields,
      ...more,
    }),
  );
}

async function refusal(promise) {
  return promise.then(
    () => assert.fail('it was not refused'),
    (error) => error,
  );
}

test('a signature is taken from twitter-api-v2, and a wrong secret is not', async () => {
  const me = await plhery().v2.me();
  assert.equal(me.data.username, far_side.handle);
  const error = await refusal(plhery({ accessSecret: 'another' }).v2.me());
  assert.ok(error instanceof ApiResponseError);
  assert.equal(error.code, 401);
});

test('a signature is taken from the first-party client', async () => {
  const me = await first_party().users.getMe();
  assert.equal(me.data.username, far_side.handle);
});

test('mentions are paged to the end, newest first, each once', async () => {
  for (let i = 0; i < 23; ++i) await far_side.post('warga', `Laporan ${i} @${far_side.handle}`);
  const me = await plhery().v2.me();
  const pages = await plhery().v2.userMentionTimeline(me.data.id, { max_results: 10 });
  const seen = [];
  for await (const tweet of pages) seen.push(BigInt(tweet.id));
  assert.equal(seen.length, 23);
  for (let i = 1; i < seen.length; ++i) assert.ok(seen[i - 1] > seen[i]);
  assert.equal(pages.rateLimit.limit, 300);
  assert.ok(pages.rateLimit.remaining < 300);
  const later = await plhery().v2.userMentionTimeline(me.data.id, { since_id: `${seen[1]}` });
  assert.deepEqual(later.tweets.map((tweet) => tweet.id), [`${seen[0]}`]);
  const none = await plhery().v2.userMentionTimeline(me.data.id, { since_id: `${seen[0]}` });
  assert.deepEqual(none.tweets, []);
  assert.equal(none.data.data, undefined);
  assert.equal(none.meta.result_count, 0);
});

test('the first-party client walks through the pages, each field in its place', async () => {
  const asked = await far_side.post('ketua_rt', 'Adakah yang rusak di banjar kita?');
  const text = `@${far_side.handle} #lapor ${'jalan rusak sekali '.repeat(20)}https://contoh.id/b`;
  const first = await far_side.post('ibu_ayu', text, {
    in_reply_to: asked,
    pictures: [{ alt_text: 'lubang' }],
    place: { name: 'Singaraja, Bali', latitude: -8.11, longitude: 115.09, exact: true },
  });
  const expected = [first];
  for (let i = 0; i < 11; ++i) {
    expected.unshift(await far_side.post('warga', `Lanjutan ${i} @${far_side.handle}`));
  }
  const me = await first_party().users.getMe();
  const pages = first_party_mentions(me.data.id, { sinceId: asked });
  const sizes = [];
  while (!pages.done) {
    await pages.fetchNext();
    sizes.push(pages.meta.resultCount);
  }
  assert.deepEqual(sizes, [5, 5, 2]);
  assert.deepEqual(pages.posts.map((post) => post.id), expected);
  for (const post of pages.posts) {
    assert.ok(Math.abs(Date.parse(post.createdAt) - Date.now()) < 3_600_000);
    assert.deepEqual(post.editHistoryPostIds, [post.id]);
    assert.equal(post.conversationId, post.id === first ? asked : post.id);
    assert.equal(typeof post.lang, 'string');
    assert.ok(post.entities.mentions.some((each) => each.username === far_side.handle));
  }
  const { users, media, places, posts } = pages.includes;
  const user_named = (name) => users.find((each) => each.username === name);
  const post = pages.posts.at(-1);
  assert.equal(post.authorId, user_named('ibu_ayu').id);
  assert.equal(post.inReplyToUserId, user_named('ketua_rt').id);
  assert.deepEqual(post.referencedPosts, [{ type: 'replied_to', id: asked }]);
  assert.equal(posts.find((each) => each.id === asked).authorId, user_named('ketua_rt').id);
  assert.ok(post.text.length < post.notePost.text.length);
  assert.equal(post.notePost.entities.hashtags[0].tag, 'lapor');
  assert.equal(post.notePost.entities.urls[0].expandedUrl, 'https://contoh.id/b');
  assert.deepEqual(post.attachments.mediaKeys, [media[0].mediaKey]);
  assert.equal(media[0].altText, 'lubang');
  assert.equal((await fetch(media[0].url)).headers.get('content-type'), 'image/png');
  assert.deepEqual(post.geo.coordinates.coordinates, [115.09, -8.11]);
  assert.equal(post.geo.placeId, places[0].id);
  assert.equal(places[0].fullName, 'Singaraja, Bali');
});

test('only what is asked for is shown, and expansions come as includes', async () => {
  const id = await far_side.post('ibu_ayu', 'Lampu mati & gelap <2 minggu> https://contoh.id/a @kanal', {
    pictures: [{}],
    place: { name: 'Singaraja, Bali', latitude: -8.11, longitude: 115.09, exact: true },
  });
  const bare = await plhery().v2.singleTweet(id);
  assert.deepEqual(Object.keys(bare.data).sort(), ['edit_history_tweet_ids', 'id', 'text']);
  assert.equal(bare.includes, undefined);
  assert.ok(bare.data.text.startsWith('Lampu mati &amp; gelap &lt;2 minggu&gt; https://t.co/'));
  const full = await plhery().v2.singleTweet(id, {
    'tweet.fields': k_all_fields,
    expansions: 'author_id,attachments.media_keys,geo.place_id',
    'media.fields': 'url,type',
    'place.fields': 'full_name,geo',
  });
  assert.equal(full.includes.users[0].username, 'ibu_ayu');
  assert.equal(full.includes.places[0].full_name, 'Singaraja, Bali');
  assert.deepEqual(full.data.geo.coordinates.coordinates, [115.09, -8.11]);
  assert.equal(full.data.entities.urls[0].expanded_url, 'https://contoh.id/a');
  const picture = await fetch(full.includes.media[0].url);
  assert.equal(picture.headers.get('content-type'), 'image/png');
});

test('a long text is cut, and whole in the note, under both names', async () => {
  const text = `Panjang: ${'jalan rusak sekali '.repeat(30)}@kanal akhir`;
  const id = await far_side.post('warga', text);
  const older = await plhery().v2.singleTweet(id, { 'tweet.fields': 'note_tweet' });
  assert.ok(older.data.text.length < text.length);
  assert.equal(older.data.note_tweet.text, text);
  const newer = await first_party().posts.getById(id, { postFields: ['note_post'] });
  assert.equal(newer.data.note_post?.text ?? newer.data.notePost?.text, text);
});

test('an answer to who called is posted, the same again refused, as is one to a stranger', async () => {
  const id = await far_side.post('warga', '@kanal sampah menumpuk');
  const sent = await plhery().v2.reply('Laporan #1 diterima.', id);
  const { posts } = await far_side.timeline();
  const found = posts.find((post) => post.id === sent.data.id);
  assert.equal(found.in_reply_to, id);
  assert.equal(found.by, far_side.handle);
  const twice = await refusal(plhery().v2.reply('Laporan #1 diterima.', id));
  assert.equal(twice.code, 403);
  assert.match(twice.data.detail, /duplicate content/);
  const stranger = await far_side.post('lain', 'tidak memanggil siapa pun');
  const uncalled = await refusal(plhery().v2.reply('Halo', stranger));
  assert.equal(uncalled.code, 403);
  assert.match(uncalled.data.detail, /not been mentioned/);
});

test('the first-party client answers, and meets the same refusal', async () => {
  const id = await far_side.post('warga', '@kanal air mati');
  const answer = () =>
    first_party().posts.create({ text: 'Laporan #7.', reply: { in_reply_to_tweet_id: id } });
  const sent = await answer();
  const { posts } = await far_side.timeline();
  assert.equal(posts.find((post) => post.id === sent.data.id).in_reply_to, id);
  const error = await refusal(answer());
  assert.equal(error.status, 403);
});

test('an edited post has a new number and its history; the old number still leads to it', async () => {
  const first = await far_side.post('warga', '@kanal pohon tumbng');
  const { id: second } = await far_side.order('POST', `/posts/${first}`, {
    text: '@kanal pohon tumbang',
  });
  assert.notEqual(first, second);
  const shown = await plhery().v2.singleTweet(second);
  assert.deepEqual(shown.data.edit_history_tweet_ids, [first, second]);
});

test('what is gone comes as an error beside what is there', async () => {
  const gone = await far_side.post('warga', '@kanal akan dihapus');
  const there = await far_side.post('warga', '@kanal tetap ada');
  await far_side.order('DELETE', `/posts/${gone}`);
  const both = await plhery().v2.tweets([gone, there]);
  assert.deepEqual(both.data.map((tweet) => tweet.id), [there]);
  assert.equal(both.errors[0].resource_id, gone);
  assert.equal(both.errors[0].type, 'https://api.x.com/2/problems/resource-not-found');
});

test('a search finds hashtags and conversations, and refuses what it cannot read', async () => {
  const id = await far_side.post('warga', 'Macet #lapor di simpang');
  const found = await plhery().v2.search('#lapor -is:retweet', { max_results: 10 });
  assert.ok(found.tweets.some((tweet) => tweet.id === id));
  const error = await refusal(plhery().v2.search('(#lapor', { max_results: 10 }));
  assert.equal(error.code, 400);
});

test('limits, empty pockets and faults are told as X tells them', async () => {
  const me = await plhery().v2.me();
  const look = () => plhery().v2.userMentionTimeline(me.data.id);
  await far_side.order('POST', '/faults', { on: 'GET /2/users/:id/mentions', fault: '429' });
  const slow = await refusal(look());
  assert.equal(slow.code, 429);
  assert.ok(slow.rateLimitError);
  assert.equal(slow.rateLimit.remaining, 0);
  assert.ok(slow.rateLimit.reset > Date.now() / 1000);
  await far_side.order('POST', '/faults', { on: 'GET /2/users/:id/mentions', fault: '429_plain' });
  const plain = await refusal(look());
  assert.equal(plain.code, 429);
  assert.ok(plain.rateLimitError);
  assert.ok(plain.hasErrorCode(EApiV1ErrorCode.RateLimitExceeded));
  assert.equal(plain.data.type, undefined);
  assert.equal(plain.rateLimit.remaining, 0);
  await far_side.order('POST', '/settings', { credits: 0 });
  const poor = await refusal(look());
  assert.equal(poor.code, 402);
  assert.equal(poor.data.type, 'https://api.x.com/2/problems/credits-depleted');
  await far_side.order('POST', '/settings', { credits: 1_000_000 });
  const id = await far_side.post('warga', '@kanal jembatan putus');
  await far_side.order('POST', '/faults', { on: 'POST /2/tweets', fault: '503_posted' });
  const doubtful = await refusal(plhery().v2.reply('Laporan #2 diterima.', id));
  assert.equal(doubtful.code, 503);
  const { posts } = await far_side.timeline();
  assert.equal(posts.filter((post) => post.in_reply_to === id).length, 1);
  await far_side.order('POST', '/faults', {
    on: 'GET /2/users/:id/mentions',
    fault: 'half',
    after_bytes: 10,
  });
  await refusal(look());
  await look();
});

test('the first-party client tells a limit from an empty pocket, also between two pages', async () => {
  const me = await first_party().users.getMe();
  for (const [fault, status] of [['429', 429], ['402', 402]]) {
    const pages = first_party_mentions(me.data.id);
    await pages.fetchNext();
    const first_page = pages.posts.map((post) => post.id);
    await far_side.order('POST', '/faults', { on: 'GET /2/users/:id/mentions', fault });
    const error = await refusal(pages.fetchNext());
    assert.ok(error instanceof ApiError, `${error}`);
    assert.equal(error.status, status);
    assert.equal(pages.rateLimited, status === 429);
    if (status === 402) {
      assert.equal(error.data.type, 'https://api.x.com/2/problems/credits-depleted');
    } else {
      assert.equal(error.headers.get('x-rate-limit-remaining'), '0');
      assert.ok(error.headers.get('x-rate-limit-reset') > Date.now() / 1000);
    }
    assert.deepEqual(pages.posts.map((post) => post.id), first_page);
  }
});

test('a picture is uploaded in pieces and shown by the answer that names it', async () => {
  const id = await far_side.post('warga', '@kanal lubang di jalan');
  const png = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    Buffer.from(Array.from({ length: 2_500_000 }, (_, i) => (i * 7) % 256)),
  ]);
  const media = await plhery().v2.uploadMedia(png, { media_type: 'image/png' });
  const sent = await plhery().v2.reply('Sudah ditambal.', id, { media: { media_ids: [media] } });
  const shown = await plhery().v2.singleTweet(sent.data.id, {
    'tweet.fields': 'attachments',
    expansions: 'attachments.media_keys',
    'media.fields': 'url',
  });
  const served = await fetch(shown.includes.media[0].url);
  assert.deepEqual(Buffer.from(await served.arrayBuffer()), png);
  const unknown = await refusal(plhery().v2.reply('Lagi.', id, { media: { media_ids: ['77'] } }));
  assert.equal(unknown.code, 400);
});

test('the first-party client uploads a picture too, as JSON', async () => {
  const { media } = first_party();
  const bytes = Buffer.from('89504e470d0a1a0a00', 'hex');
  const begun = await media.initializeUpload({
    mediaType: 'image/png',
    totalBytes: bytes.length,
    mediaCategory: 'tweet_image',
  });
  const piece = { media: bytes.toString('base64'), segmentIndex: 0 };
  await media.appendUpload(begun.data.id, piece);
  const done = await media.finalizeUpload(begun.data.id);
  assert.equal(done.data.size, bytes.length);
  const status = await media.getUploadStatus(begun.data.id, { command: 'STATUS' });
  const info = status.data.processing_info ?? status.data.processingInfo;
  assert.equal(info.state, 'succeeded');
});

test('direct messages come in and go out', async () => {
  await far_side.order('POST', '/messages', { as: 'warga', text: 'Rahasia: pungli di loket' });
  const events = await plhery().v2.listDmEvents({ 'dm_event.fields': 'sender_id,created_at' });
  const [event] = events.events;
  assert.equal(event.text, 'Rahasia: pungli di loket');
  await plhery().v2.sendDmToParticipant(event.sender_id, { text: 'Sudah kami terima.' });
  const { messages } = await far_side.timeline();
  assert.equal(messages.at(-1).text, 'Sudah kami terima.');
});

test('an app without an account reads and cannot post', async () => {
  const app = new TwitterApi(far_side.bearer, { httpAgent: new http.Agent() });
  for (const part of [app.v2, app.v2.readWrite]) part.setPrefix(`${far_side.url}/2/`);
  const found = await app.v2.userByUsername(far_side.handle);
  assert.equal(found.data.username, far_side.handle);
  const error = await refusal(app.v2.tweet('Halo'));
  assert.equal(error.code, 403);
});

test('the mention timeline ends after the newest 800', async () => {
  await far_side.post('warga', '@kanal banyak', { count: 820 });
  const me = await plhery().v2.me();
  const pages = await plhery().v2.userMentionTimeline(me.data.id, { max_results: 100 });
  while (!pages.done) await pages.fetchNext(100);
  assert.equal(pages.tweets.length, 800);
});

test('a short page says where it goes on, and a text that weighs too much is refused', async () => {
  await far_side.order('POST', '/settings', { page_most: 3 });
  const me = await plhery().v2.me();
  const newest = await far_side.post('warga', '@kanal pendek', { count: 7 });
  const pages = await plhery().v2.userMentionTimeline(me.data.id, {
    max_results: 10,
    since_id: `${BigInt(newest) - 8n}`,
  });
  assert.equal(pages.tweets.length, 3);
  assert.ok(pages.meta.next_token);
  await far_side.order('POST', '/settings', { page_most: 0 });
  for (const text of ['x'.repeat(281), '道'.repeat(141), `${'x'.repeat(260)} lapor.go.id`]) {
    const heavy = await refusal(plhery().v2.reply(text, newest));
    assert.equal(heavy.code, 403);
    assert.match(heavy.data.detail, /not permitted to perform this action/);
  }
  for (const text of [`${'x'.repeat(255)} https://a.example/${'b'.repeat(90)}`, '🇮🇩1️⃣'.repeat(70)]) {
    await plhery().v2.reply(text, newest);
  }
});

test('an answer to a post that is gone is refused', async () => {
  const gone = await far_side.post('warga', '@kanal hilang');
  await far_side.order('DELETE', `/posts/${gone}`);
  const late = await refusal(plhery().v2.reply('Halo', gone));
  assert.equal(late.code, 403);
  assert.match(late.data.detail, /deleted or not visible/);
});

test('a slow answer comes late', async () => {
  const fault = { on: 'GET /2/users/me', fault: 'slow', delay_ms: 300 };
  await far_side.order('POST', '/faults', fault);
  const begun = performance.now();
  await plhery().v2.me();
  assert.ok(performance.now() - begun >= 300);
});

test('whom nobody knows is not found', async () => {
  const error = await refusal(plhery().v2.userByUsername('tidak_ada'));
  assert.equal(error.code, 404);
});

// What X says in these cases is in no description: the rest of them is.
const k_undescribed = new Set([
  'Rate limit exceeded',
  'about:blank',
  'https://api.x.com/2/problems/credits-depleted',
  'https://api.x.com/2/problems/unsupported-authentication',
]);

test(
  'every answer of this session is as the published description says',
  { skip: !published || !existsSync(published) },
  async () => {
    const description = JSON.parse(readFileSync(published, 'utf8'));
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema({ ...description, $id: 'x' });
    const paths = Object.keys(description.paths);
    const template_of = (path) => {
      const parts = path.split('/');
      const fits = (each) => {
        const own = each.split('/');
        return own.length === parts.length &&
          own.every((part, i) => part.startsWith('{') || part === parts[i]);
      };
      // What is named stands before what is numbered.
      return paths.filter(fits).sort((a, b) => a.split('{').length - b.split('{').length)[0];
    };
    const kinds = new Set();
    for (const { endpoint, path, status, answer } of await far_side.order('GET', '/requests')) {
      const template = template_of(path);
      if (!template || !answer) continue;
      const { responses } = description.paths[template][endpoint.split(' ')[0].toLowerCase()];
      const content = (responses[status] ?? (status < 300 ? responses[200] : responses.default))
        .content;
      const body = JSON.parse(answer);
      if (status >= 400 && k_undescribed.has(body.type ?? body.errors?.[0]?.message)) continue;
      const wanted = content[status < 300 ? 'application/json' : 'application/problem+json'].schema;
      const validate = ajv.compile({ $ref: `x${wanted.$ref}` });
      kinds.add(`${endpoint} ${status}`);
      assert.ok(
        validate(body),
        `${endpoint} ${status}: ${ajv.errorsText(validate.errors)}: ${answer.slice(0, 500)}`,
      );
    }
    assert.ok(kinds.size >= 15, [...kinds].join(', '));
  },
);
