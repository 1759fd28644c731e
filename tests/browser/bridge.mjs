// Starts the real binary with a directory of its own and stops it again.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const k_start_deadline_ms = 300_000;

export async function start_bridge(binary) {
  const directory = mkdtempSync(join(tmpdir(), 'kanal-browser-'));
  chmodSync(directory, 0o755);
  const config = join(directory, 'kanal.toml');
  const ready_file = join(directory, 'ready.json');
  writeFileSync(config, '[channel.form]\nkind = "webform"\nleast_fill_s = 0\n');
  const arguments_of_all = ['--config', config, '--data', join(directory, 'data')];
  const child = spawn(
    binary,
    ['serve', '--demo', '--listen', '127.0.0.1:0', '--ready-file', ready_file, ...arguments_of_all],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (bytes) => (log += bytes));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const end = Date.now() + k_start_deadline_ms;
  while (!existsSync(ready_file)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`no bridge:\n${log}`);
    await sleep(50);
  }
  const ready = JSON.parse(readFileSync(ready_file, 'utf8'));
  return {
    url: ready.url,
    password_of: (user) => ready.officers.find((officer) => officer.user === user).password,
    log: () => log,
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
