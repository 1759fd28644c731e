// X's stand-in for browser tests, with the settings of channels that read it.
import { start_far_side } from './far_side.mjs';

const k_keys = ['consumer_key', 'consumer_secret', 'access_token', 'access_secret'];

export async function start_x(sandbox) {
  const x = await start_far_side(sandbox, 'twitter');
  // However long a machine takes for the tests: no quarter of an hour is used up by looks.
  await x.order('POST', '/settings', { limits: { 'GET /2/users/:id/mentions': 100_000 } });
  const variables = { KANAL_TEST_wrong: 'not-the-key' };
  for (const key of k_keys) variables[`KANAL_TEST_${key}`] = x[key];
  const settings_of = (name, wrong_key) => {
    const keys = k_keys.map(
      (key) => `${key} = "env:KANAL_TEST_${wrong_key === key ? 'wrong' : key}"`,
    );
    return (
      `[channel.${name}]\nkind = "twitter"\nhandle = "kanal"\napi_url = "${x.url}"\n` +
      `start_from = "all"\nmentions_every_s = 1\n${keys.join('\n')}\n`
    );
  };
  return { ...x, variables, settings_of };
}
