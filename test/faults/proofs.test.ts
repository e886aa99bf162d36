import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DatabaseConsents } from '../../src/consent/answers/node-consents.js';
import { createProver } from '../../src/consent/evidence/prove.js';
import { createAuthenticate } from '../../src/consent/gate/authenticate.js';
import { consentSubgraph } from '../../src/consent/graphql/subgraph.js';
import { systemClock } from '../../src/core/clock.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph } from '../../src/federation/serve-subgraph.js';
import type { DatabaseServer } from '../../src/store/database.js';
import { verifyingHealth, verifyingWorkers } from '../../src/zk/verify/verify.js';
import { feedOver, walletParts } from '../support/consent/gate-feed.js';
import {
  asInput,
  gateAt,
  knowStudies,
  makeSession,
  now,
  showConsent,
  snapshotOf,
} from '../support/consent/gate-fixture.js';
import { expectFault } from '../support/faults/table.js';
import { RIVERSIDE } from '../support/names.js';
import { loggerInto } from '../support/network/stand.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';

const PRESENT = `mutation ($input: PresentConsents!) { presentConsents(input: $input) {
  outcomes { accepted refused { code retry } } } }`;
const HOLDER_SIGNAL = 5;

/** How long a presentation may take, by path: thousands of wrong proofs would take a minute. */
const PATHS = { '/consent': 60, '/hasty': 5 } as const;

interface Outcome {
  readonly accepted: number;
  readonly refused: readonly { readonly code: string; readonly retry: string }[];
}

const lines: string[] = [];
let server: DatabaseServer;
let app: FastifyInstance;
let url: string;
/** Bodies that show a proof that holds, and one that passes every cheap check and does not hold. */
let right: string;
let wrong: string;
let thousandWrong: string;

beforeAll(async () => {
  server = await openFreshPglite();
  const db = await server.open(RIVERSIDE);
  await knowStudies(db);
  const shown = await showConsent();
  const { root, input, proven } = shown;
  const log = loggerInto(lines);
  const ledger = () => snapshotOf({ root, anchoredAt: now - 3_600 });
  const prove = createProver({ db, institution: RIVERSIDE, ledger });
  const parts = { prove, ...walletParts(await feedOver(db)) };
  const authenticate = createAuthenticate({
    institution: RIVERSIDE,
    clock: systemClock,
    maxTokenSeconds: 600,
  });
  app = createNodeServer({ logger: log, health: () => ({ verifying: verifyingHealth() }) });
  for (const [path, verifyingSeconds] of Object.entries(PATHS)) {
    const gate = gateAt(db, root, { log, parameters: { verifyingSeconds } });
    const schema = consentSubgraph(new DatabaseConsents({ gate, ...parts }));
    const open = async (request: Parameters<typeof authenticate>[0]) =>
      gate.open(await authenticate(request));
    await mountSubgraph(app, { path, schema, open, logger: log });
  }
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const stranger = await makeSession();
  const good = asInput(proven);
  const holder = String(stranger.holder.field);
  const bad = { ...good, publicSignals: good.publicSignals.with(HOLDER_SIGNAL, holder) };
  const body = (given: object) => JSON.stringify({ query: PRESENT, variables: { input: given } });
  right = body(input);
  const ofStranger = { ...input, holder: stranger.publicJwk };
  wrong = body({ ...ofStranger, proofs: [bad] });
  thousandWrong = body({ ...ofStranger, proofs: Array.from({ length: 1_000 }, () => bad) });
  expect(await show(right)).toMatchObject({ accepted: 1 });
});
beforeEach(() => lines.splice(0));
afterAll(async () => {
  app.server.closeAllConnections();
  await app.close();
  await server.close();
});

async function show(body: string, path: keyof typeof PATHS = '/consent'): Promise<Outcome> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  const { data } = (await answer.json()) as {
    readonly data: { readonly presentConsents: { readonly outcomes: readonly Outcome[] } };
  };
  const [outcome] = data.presentConsents.outcomes;
  if (outcome === undefined) throw new Error('the node has an outcome');
  return outcome;
}

/** What the log and the node's health say, beside these outcomes. */
async function seenWith(outcomes: readonly Outcome[]) {
  const { status } = await fetch(`${url}/health`);
  const log = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  const answer = outcomes.flatMap(({ accepted, refused }) => [
    ...(accepted > 0 ? ['whole'] : []),
    ...refused.map(({ code }) => code),
  ]);
  return { health: [String(status)], answer, log: log.map(({ msg }) => msg) };
}

describe('wrong proofs of one client', () => {
  test('proofs-wrong-flood: 40 connections of them let the proof of another pass', async () => {
    const outcomes: Outcome[] = [];
    let isOver = false;
    const connection = async () => {
      while (!isOver) outcomes.push(await show(wrong));
    };
    const flood = Array.from({ length: 40 }, connection);
    const passed: number[] = [];
    for (let showing = 0; showing < 5; showing += 1) {
      const target = outcomes.length + 5;
      while (outcomes.length < target) await new Promise((resolve) => setTimeout(resolve, 5));
      const before = outcomes.length;
      const outcome = await show(right);
      passed.push(outcomes.length - before);
      expect(outcome).toEqual({ accepted: 1, refused: [] });
    }
    isOver = true;
    await Promise.all(flood);
    // In one line of all it would be 40 that are answered before it.
    expect(passed.sort((a, b) => a - b)[2]).toBeLessThan(20);
    const observed = await seenWith(outcomes);
    expectFault('proofs-wrong-flood', observed);
    expect(observed.answer).not.toContain('whole');
  });

  test('proofs-too-many: more of them than its share are refused at once, and no other', async () => {
    const flood = Promise.all(Array.from({ length: 6 }, () => show(thousandWrong, '/hasty')));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await show(right)).toEqual({ accepted: 1, refused: [] });
    const outcomes = await flood;
    expectFault('proofs-too-many', await seenWith(outcomes));
    const refused = outcomes.flatMap((outcome) => outcome.refused);
    const limited = refused.filter(({ code }) => code === 'RATE_LIMITED');
    expect(limited.length).toBeGreaterThanOrEqual(1_000);
    expect(new Set(limited.map(({ retry }) => retry))).toEqual(new Set(['LATER']));
    expect(refused).toHaveLength(6_000);
    expect(await show(right)).toEqual({ accepted: 1, refused: [] });
  });
});

test('verifier-died: what a thread had is told as failed, and the next proof is judged', async () => {
  const before = verifyingHealth().failed;
  const under = Array.from({ length: 20 }, () => show(wrong));
  await under[0];
  await Promise.all(verifyingWorkers().map((worker) => worker.terminate()));
  const outcomes = await Promise.all(under);
  const observed = await seenWith(outcomes.filter(({ refused }) => refused.some(hasFailed)));
  expectFault('verifier-died', observed);
  expect(await show(right)).toEqual({ accepted: 1, refused: [] });
  expect(await show(wrong)).toMatchObject({ accepted: 0, refused: [{ code: 'PROOF_INVALID' }] });
  expect(verifyingHealth()).toMatchObject({ waiting: 0, failed: before + 1 });
  const failed = outcomes.flatMap(({ refused }) => refused).filter(hasFailed);
  expect(failed).toEqual([{ code: 'VERIFIER_FAILED', retry: 'LATER' }]);
});

const hasFailed = ({ code }: { readonly code: string }) => code === 'VERIFIER_FAILED';
