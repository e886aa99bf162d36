import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFault } from '../support/faults/table.js';
import { institution, post, startGateway, startWidgetNode } from '../support/federation/stand.js';
import { loggerInto } from '../support/network/stand.js';

/** Each what the script answers under that name. */
const LIES = ['gzip-bomb', 'nested', 'many-values', 'endless', 'dripping', 'huge-header'] as const;
const SCRIPT = fileURLToPath(new URL('liar.mjs', import.meta.url));
/** Far below the seconds that one lie took before; far above what a busy machine takes by itself. */
const MAX_STALL_MS = 1_500;
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

let liar: ChildProcess;
let at: string;
beforeAll(async () => {
  liar = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => liar.kill('SIGKILL'));
  const [line] = await once(liar.stdout ?? liar, 'data');
  at = String(line).trim();
});
afterAll(() => {
  liar.kill('SIGKILL');
});

test('lying-node: whatever it answers, the gateway stands, answers others meanwhile, and names it', async () => {
  const honest = await startWidgetNode();
  for (const lie of LIES) {
    const lines: string[] = [];
    const gateway = await startGateway(
      [
        institution('a-honest-hospital', honest.endpoint),
        institution('b-lying-hospital', `${at}/${lie}`),
      ],
      { logger: loggerInto(lines) },
    );
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const heapBefore = process.memoryUsage().heapUsed;
    const asked = post(
      gateway,
      '{ widgets { complete nodes { id } sources { status latencyMs } } }',
    );
    const ready = await gateway.inject('/readyz');
    const { body } = await asked;
    const grownBytes = process.memoryUsage().heapUsed - heapBefore;
    loop.disable();

    expect(body.data?.widgets, lie).toMatchObject({
      complete: false,
      nodes: [0, 1, 2].map((i) => ({ id: `a-honest-hospital/w${i}` })),
      sources: [{ status: 'OK' }, { status: 'UNAVAILABLE', latencyMs: null }],
    });
    expect(loop.max / 1e6, lie).toBeLessThan(MAX_STALL_MS);
    expect(grownBytes, lie).toBeLessThan(MAX_GROWTH_BYTES);
    const logged = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
    expectFault('lying-node', {
      health: [String(ready.statusCode)],
      answer: ['sources'],
      log: logged.map(({ msg }) => msg),
    });
    await gateway.close();
  }
  await honest.app.close();
}, 60_000);
