import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { expectFault } from '../support/faults/table.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const WORKER = new URL('../../dist/cli/proving/prove-worker.js', import.meta.url).href;
const CANARY = 'Canary-Kestrel-4711';

/** What nothing takes, once the command has begun: it carries what must not be printed. */
const FAULTS: Readonly<Record<string, string>> = {
  'an exception': `throw new TypeError('${CANARY}\\n at ${CANARY}')`,
  'a rejection': `void Promise.reject(new Error('${CANARY}'))`,
  'a rejection with no error': `void Promise.reject('${CANARY}')`,
  'a thread': `new Worker("throw Object.assign(new Error('${CANARY}'), { params: ['${CANARY}'] })",
    { eval: true })`,
};

/** Begins the fault as soon as the command listens for any; nothing else ends the process. */
const preloadOf = (fault: string) => `
import { Worker } from 'node:worker_threads';
setInterval(() => undefined, 1000);
const exit = process.exit;
process.exit = (code) => (code === 70 ? exit(code) : undefined);
const waiting = setInterval(() => {
  if (process.listenerCount('uncaughtException') === 0) return;
  clearInterval(waiting);
  ${fault};
}, 1);`;

async function runWith(fault: string, program: readonly string[]) {
  const preload = `data:text/javascript,${encodeURIComponent(preloadOf(fault))}`;
  const child = spawn(process.execPath, ['--import', preload, ...program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ASSENT_STATE_FOLDER: '/nonexistent' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

test('process-fault: one line says the code and nothing that was thrown, and the process ends', async () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    const { code, said } = await runWith(fault, [MAIN]);
    expect({ name, code }).toEqual({ name, code: 70 });
    expect(said).not.toContain(CANARY);
    const lines = said.split('\n').filter((line) => line.startsWith('{'));
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({ level: 60, code: 'INTERNAL' });
    expect(Object.keys(line).filter((key) => ['stack', 'err', 'message'].includes(key))).toEqual(
      [],
    );
    const log = [String(line.msg)];
    expectFault('process-fault', { health: ['closed'], answer: ['closed'], log });
  }
});

test('the process that proves ends alike', async () => {
  const { code, said } = await runWith(FAULTS['an exception'] ?? '', [fileURLToPath(WORKER)]);
  expect(code).toBe(70);
  expect(said).not.toContain(CANARY);
});
