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
  // The usual address of metrics is one for all bridges of a machine.
  const http = settings.includes('[http]') ? '' : '\n[http]\nmetrics_listen = "off"\n';
  writeFileSync(config, settings + http);
  const data = join(directory, 'data');
  // An empty private database, as `kanal database` leaves it.
  const fresh = process.env.KANAL_FRESH_DATA;
  if (fresh && existsSync(fresh) && !settings.includes('[store]')) execFileSync('cp', ['-a', fresh, data]);
  const everywhere = ['--config', config, '--data', data];
  const env = { ...process.env, ...variables };
  const serve = ['serve', '--demo', '--listen', '127.0.0.1:0', '--ready-file', ready_file];
  // A test that is cut off leaves nothing running.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', binary, ...serve, ...everywhere], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (bytes) => (log += bytes));
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? code));
  });
  // The database of a killed bridge may still be ending in it.
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  const end = Date.now() + k_start_deadline_ms;
  while (!existsSync(ready_file)) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      const how = await ended;
      remove();
      throw new Error(`no bridge (${how}):\n${log}`);
    }
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
      const how = await ended;
      remove();
      if (how !== 0) throw new Error(`the bridge ended with ${how}:\n${log}`);
    },
  };
}
