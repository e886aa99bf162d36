import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { type Running, startAssent } from '../../support/cli/assent.js';
import { assentInProcess } from '../../support/cli/in-process.js';
import { descendantsOf, isAlive } from '../../support/cli/processes.js';
import {
  CHAIN_ID,
  deployNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';

/** Far more than it takes: a machine may be busy with much else. */
const READY_MS = 60_000;
const STOP_MS = 8_000;

const home = mkdtempSync(join(tmpdir(), 'assent-subgraphs-'));
const [state, temporary] = [join(home, 'state'), join(home, 'tmp')];
let chain: TestChain;
let url: string;
let subgraphs: Running;

beforeAll(async () => {
  mkdirSync(temporary);
  chain = await startChain();
  const { register } = await deployNetwork(chain.anvil, 2);
  const port = await findFreePort();
  url = `http://127.0.0.1:${port}`;
  subgraphs = startAssent(['--state-folder', state, 'subgraphs'], {
    ASSENT_SUBGRAPHS_PORT: String(port),
    ASSENT_LEDGER_RPC_URLS: chain.anvil.url,
    ASSENT_LEDGER_CONTRACT: register.contract,
    ASSENT_LEDGER_CHAIN_ID: String(CHAIN_ID),
    TMPDIR: temporary,
  });
  await subgraphs.untilPrinted(/the subgraphs answer/, READY_MS);
});
afterAll(async () => {
  if (isAlive(subgraphs.pid)) await subgraphs.end('SIGKILL');
  await chain.end();
  rmSync(home, { recursive: true, force: true });
});

async function ask(subgraph: string, query: string, variables: object = {}): Promise<unknown> {
  const answer = await fetch(`${url}/${subgraph}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

describe('assent subgraphs, as a process of its own', () => {
  test('answers from the ledger, where the supergraph says', async () => {
    const supergraph = await assentInProcess(['supergraph', '--url', url]);
    expect(supergraph.code).toBe(0);
    const named = [...supergraph.stdout.matchAll(/@join__graph\(name: "(\w+)", url: "([^"]+)"\)/g)];
    expect(named.map(([, name]) => name)).toContain('network');
    for (const [, name = '', at = ''] of named) {
      expect(at).toBe(`${url}/${name}`);
      expect(await ask(name, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    }
    const institutions = ['institution-0', 'institution-1'].map((id) => ({ id }));
    expect(await ask('network', '{ network { institutions { id } } }')).toEqual({
      data: { network: { institutions } },
    });
  });

  test('tells what it refuses by its code, with status 200', async () => {
    const told = await fetch(`${url}/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer abc' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(told.status).toBe(200);
    expect(await told.json()).toMatchObject({
      errors: [{ extensions: { assentCode: 'TOKEN_MALFORMED' } }],
    });
  });

  test('ends in order when it is told to, and leaves nothing', async () => {
    const below = descendantsOf(subgraphs.pid).map(({ pid }) => pid);
    expect(readdirSync(state)).toContain('lock');
    const toldMs = performance.now();
    const { code, stderr } = await subgraphs.end('SIGTERM');
    expect(performance.now() - toldMs).toBeLessThan(STOP_MS);
    expect([code, stderr.match(/^assent: /m)]).toEqual([0, null]);
    expect([subgraphs.pid, ...below].filter(isAlive)).toEqual([]);
    expect(readdirSync(state)).not.toContain('lock');
    expect(readdirSync(temporary)).toEqual([]);
    await expect(fetch(`${url}/network`)).rejects.toThrow('fetch failed');
  });
});
