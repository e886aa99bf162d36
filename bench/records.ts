/**
 * What consent costs a portal: its ten usual queries (records/queries.ts, page sizes included) over two
 * hospitals behind a gateway, beside the same parts with a permit for every row. Rounds are interleaved,
 * and both must answer the same.
 *
 * The gate's side: the token and the gateway's signature verified at each node, the presentations of
 * the holder asked again, the permits joined, and each release in the disclosure log, committed before
 * the answer leaves. The other side has none of that but the join; its gateway signs all the same.
 *
 *   priceOfConsent     how much longer the gate's side takes for an answer, of the other's time, by medians
 *   cpuPriceOfConsent  the same of the CPU that this process uses: what else runs on the machine hardly changes it
 *
 * Run: npm run bench:records [-- --json] [--patients 10000] [--participants 1000] [--rounds 30]
 *
 * Needs PostgreSQL's programs on this machine. Gateway, nodes and client share this process. Figures go
 * to stderr, milliseconds; the last line of stdout is JSON. Nothing is left behind.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { newSession } from '../src/client/gateway/session.js';
import { toInstitutionId } from '../src/core/ids.js';
import { openPostgres } from '../src/store/postgres.js';
import { startPostgres } from '../test/support/store/postgres-server.js';
import { populate } from './records/population.js';
import { permitsOf, presentAll } from './records/presentations.js';
import { PORTAL_QUERIES, type PortalQuery } from './records/queries.js';
import { type Stack, startGated, startOpen } from './records/stack.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    patients: { type: 'string', default: '10000' },
    participants: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '30' },
  },
});
const [patients, participants, rounds] = [
  Number(values.patients),
  Number(values.participants),
  Number(values.rounds),
];
/** An answer without rows is shorter. */
const MIN_ANSWER_BYTES = 2_000;
const WARM_UP_ROUNDS = 20;
/** Requests under way at once while requests a second are counted. */
const CONNECTIONS = 8;
const RATE_SECONDS = 3;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Asks a stack in the portal's name. */
type Ask = (query: PortalQuery) => Promise<unknown>;

async function post(url: string, token: string, { document }: PortalQuery): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  if (errors !== undefined || data === null) throw new Error(JSON.stringify(errors).slice(0, 500));
  return data;
}

async function askOf(stack: Stack, session: Awaited<ReturnType<typeof newSession>>): Promise<Ask> {
  const token = await session.signToken({ audience: stack.thumbprint, seconds: 43_000 });
  return (query) => post(stack.url, token, query);
}

/** What one answer took, milliseconds. */
interface Took {
  readonly ms: number;
  /** Of all threads of this process. */
  readonly cpuMs: number;
}

async function timed(ask: Ask, query: PortalQuery): Promise<Took> {
  const startMs = performance.now();
  const start = process.cpuUsage();
  await ask(query);
  const { user, system } = process.cpuUsage(start);
  return { ms: performance.now() - startMs, cpuMs: (user + system) / 1_000 };
}

/** How much more the one is than the other, of the other. */
function priceOf(gated: number, open: number): number {
  return Math.round((gated / open - 1) * 1_000) / 1_000;
}

function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Requests a second with several under way. */
async function rateOf(ask: Ask, query: PortalQuery): Promise<number> {
  const startMs = performance.now();
  const untilMs = startMs + RATE_SECONDS * 1_000;
  let done = 0;
  const connection = async () => {
    while (performance.now() < untilMs) {
      await ask(query);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return done / ((performance.now() - startMs) / 1_000);
}

async function measure(query: PortalQuery, gated: Ask, open: Ask) {
  const answer = await gated(query);
  if (!isDeepStrictEqual(answer, await open(query))) {
    throw new Error(`the two answer differently: ${query.name}`);
  }
  const bytes = JSON.stringify(answer).length;
  if (bytes < MIN_ANSWER_BYTES) throw new Error(`nothing to measure: ${query.name}`);
  const times = { gated: [] as Took[], open: [] as Took[] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const pair = [
      ['gated', gated],
      ['open', open],
    ] as const;
    for (const [name, ask] of round % 2 === 0 ? pair : [...pair].reverse()) {
      const took = await timed(ask, query);
      if (round >= 0) times[name].push(took);
    }
  }
  const msOf = (side: readonly Took[], share: number) =>
    quantile(
      side.map(({ ms }) => ms),
      share,
    );
  const cpuOf = (side: readonly Took[]) =>
    quantile(
      side.map(({ cpuMs }) => cpuMs),
      0.5,
    );
  const [p50, p50Open] = [msOf(times.gated, 0.5), msOf(times.open, 0.5)];
  const figures = {
    name: query.name,
    p50: round1(p50),
    p99: round1(msOf(times.gated, 0.99)),
    rps: round1(await rateOf(gated, query)),
    priceOfConsent: priceOf(p50, p50Open),
    cpuPriceOfConsent: priceOf(cpuOf(times.gated), cpuOf(times.open)),
  };
  const price = `${(figures.priceOfConsent * 100).toFixed(1)} %, of CPU ${(figures.cpuPriceOfConsent * 100).toFixed(1)} %`;
  say(
    `${query.name.padEnd(60)} ${(bytes / 1_000).toFixed(0)} kB  p50 ${figures.p50} (without ${round1(p50Open)}) p99 ${figures.p99}  ` +
      `${figures.rps} a second  price ${price}`,
  );
  return figures;
}

/** Of an even number, the middle between the two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return Math.round(((low + high) / 2) * 1_000) / 1_000;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

const postgres = await startPostgres({ durable: true });
const server = await openPostgres({ url: postgres.url, poolSize: 20 });
const stops: (() => Promise<unknown>)[] = [() => postgres.stop(), () => server.close()];
try {
  const ids = ['riverside-hospital', 'lakeshore-hospital'].map(toInstitutionId);
  const hospitals = new Map(
    await Promise.all(ids.map(async (id) => [id, await server.open(id)] as const)),
  );
  say(`filling two hospitals with ${patients} patients each ...`);
  const permits = permitsOf(await populate(hospitals, { patients, participants }));
  const session = await newSession();
  for (const db of hospitals.values()) await presentAll(db, session.thumbprint, permits);
  const [gatedStack, openStack] = [
    await startGated(hospitals),
    await startOpen(hospitals, permits),
  ];
  stops.push(
    () => gatedStack.stop(),
    () => openStack.stop(),
  );
  const [gated, open] = [await askOf(gatedStack, session), await askOf(openStack, session)];
  say(`${permits.length} participants presented; ${rounds} interleaved rounds a query`);
  const queries = [];
  for (const query of PORTAL_QUERIES) queries.push(await measure(query, gated, open));
  const medianPrice = medianOf(queries.map(({ priceOfConsent }) => priceOfConsent));
  say(`median price of consent: ${(medianPrice * 100).toFixed(1)} %`);
  process.stdout.write(`${JSON.stringify({ queries, medianPrice })}\n`);
} finally {
  for (const stop of stops.reverse()) await stop();
}
