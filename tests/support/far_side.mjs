// Starts kanal-sandbox as any user would and plays the citizen through its control API.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export async function start_far_side(binary, kind) {
  const child = spawn(binary, [kind, '--port', '0', '--with-parent'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error(`kanal-sandbox ${kind} does not start`)));
  });
  const ready = JSON.parse(line);
  const order = async (method, path, body) => {
    const reply = await fetch(ready.control + path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text);
  };
  return {
    ...ready,
    order,
    post: async (as, text, more = {}) =>
      (await order('POST', '/posts', { as, text, ...more })).id,
    timeline: async () => order('GET', '/timeline'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
