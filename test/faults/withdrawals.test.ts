import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { STRANGERS_PER_ADDRESS } from '../../src/consent/answers/network-consents.js';
import { randomField } from '../../src/zk/arithmetic/field.js';
import { expectFault } from '../support/faults/table.js';
import { startWholeNetwork } from '../support/federation/whole-network.js';
import { loggerInto } from '../support/network/stand.js';

const lines: string[] = [];
let network: Awaited<ReturnType<typeof startWholeNetwork>>;

beforeAll(async () => {
  network = await startWholeNetwork(loggerInto(lines));
});
beforeEach(() => lines.splice(0));
afterAll(() => network.stop());

const WITHDRAW = `mutation ($secrets: [Field!]!, $puzzle: PuzzleInput) {
  withdrawConsents(secrets: $secrets, copies: 1, puzzle: $puzzle) {
    complete outcomes { held refused { code } }
  }
}`;

/** Brings secrets that no institution knows, with work for them. */
async function bring(remoteAddress: string, count: number): Promise<readonly string[]> {
  const secrets = Array.from({ length: count }, () => String(randomField()));
  const variables = { secrets, puzzle: { at: '1', nonce: '1' } };
  const answer = await network.gateway.inject({
    method: 'POST',
    url: '/graphql',
    remoteAddress,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ query: WITHDRAW, variables }),
  });
  const { data, errors } = answer.json();
  if (errors !== undefined) return [errors[0].extensions.code];
  const [outcome] = data.withdrawConsents.outcomes;
  if (data.withdrawConsents.complete) return ['whole'];
  return outcome.refused.map(({ code }: { readonly code: string }) => code);
}

test('withdrawals-flood: one address uses up its own share of a gateway, and nobody else’s', async () => {
  const flood = '198.51.100.1';
  const answer: string[] = [];
  answer.push(...(await bring(flood, STRANGERS_PER_ADDRESS + 1)));
  answer.push(...(await bring(flood, STRANGERS_PER_ADDRESS)));
  for (let i = 0; i < 4; i += 1) answer.push(...(await bring(flood, 200)));
  expect(answer).toEqual(['INPUT_TOO_LARGE', 'whole', ...Array(4).fill('RATE_LIMITED')]);
  const patient = await bring('198.51.100.2', 3);
  expect(patient).toEqual(['whole']);
  const { statusCode } = await network.gateway.inject('/readyz');
  const log = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  const health = [String(statusCode)];
  expectFault('withdrawals-flood', { health, answer, log: log.map(({ msg }) => msg) });
});
