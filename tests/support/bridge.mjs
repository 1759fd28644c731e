// The real binary with a directory of its own: started, asked on the command line, stopped.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const k_start_deadline_ms = 300_000;

export async function start_bridge(binary, settings, variables = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'kanal-bridge-'));
  chmodSync(directory, 0o755);
  const config = join(directory, 'kanal.toml');
  const ready_file = join(directory, 'ready.json');
  writeFileSync(config, settings);
  const everywhere = ['--config', config, '--data', join(directory, 'data')];
  const env = { ...process.env, ...variables };
  const child = spawn(
    binary,
    ['serve', '--demo', '--listen', '127.0.0.1:0', '--ready-file', ready_file, ...everywhere],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
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
    ...ready,
    password_of: (user) => ready.officers.find((officer) => officer.user === user).password,
    log: () => log,
    command: (arguments_, input = '') =>
      execFileSync(binary, [...arguments_, ...everywhere], { env, input, encoding: 'utf8' }),
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
