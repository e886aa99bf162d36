/**
 * How long it takes until every node refuses a consent that was withdrawn at one of them: five
 * nodes as they are run, over HTTP on loopback, each anchoring on a real chain at the pilot's
 * cadence; consents registered by real wallets, each at a random institution, and withdrawn with
 * the wallet's secret at another random one, 20 a second.
 *
 * A node refuses from the moment that the entry is in its database, which is what its gate asks before
 * each presentation and with each request; it tells so by onWithdrawn, and at the end every node is
 * asked as its gate does (isWithdrawn). No presentation is made up: proving a thousand takes hours.
 * A withdrawal counts from the moment that it is due to be handed over until the slowest node refuses.
 *
 * All five nodes share this process and one embedded database, so their work adds up on its core.
 *
 * Run: npm run bench:withdrawal -- --json [--count 1000] [--rate 20]
 *   [--fault cut-off|withholding|garbage]   one node of the five misbehaves; the others are measured
 *   [--fault flood]   strangers hand over 600 secrets a minute at each node, half of them with the work
 *                     that is asked for; patients withdraw where their consents are not known. The work
 *                     is 2^8 hashes here: a wallet's 2^18 are done on its own machine
 */
import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { feedHealth } from '../src/consent/feed/feed.js';
import { publishWithdrawals } from '../src/consent/feed/publish.js';
import { isWithdrawn } from '../src/consent/feed/store.js';
import { takeWithdrawals } from '../src/consent/feed/withdraw.js';
import { registerConsent } from '../src/consent/registration/register-consent.js';
import { invariant } from '../src/core/errors.js';
import { solvePuzzle } from '../src/core/signed/puzzle.js';
import { randomField } from '../src/zk/arithmetic/field.js';
import { LIES, type Overheard } from '../test/support/consent/feed-liars.js';
import {
  type LoopbackNode,
  startLoopbackNetwork,
} from '../test/support/consent/loopback-network.js';
import { knowStudy, linkedWallet } from '../test/support/consent/study-wallet.js';
import { CUT } from '../test/support/consent/wire.js';

const NODES = 5;
const CADENCE_SECONDS = 30;
const POLL_MS = 20;
const LAST_WAIT_MS = 60_000;
/** Consents of one wallet: linking a wallet costs more than signing does. */
const SERIALS = 20;

const FAULTS = ['cut-off', 'withholding', 'garbage'] as const;
type Fault = (typeof FAULTS)[number];
const FLOOD = 'flood';
/** Strangers' secrets a minute at each node. */
const FLOOD_PER_MINUTE = 600;
/** Wallets and strangers work on machines of their own; here they share the nodes' cores. */
const FLOOD_BITS = 8;

/** A consent to be withdrawn, with what becomes of it. */
interface Withdrawal {
  readonly w: string;
  readonly handle: string;
  startedMs: number;
  /** The node that registered the consent. */
  readonly registeredAt: LoopbackNode;
  /** When each measured node first refused, by its place among them. */
  readonly refusedMs: Map<number, number>;
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '20' },
    fault: { type: 'string' },
  },
});
const count = Number(values.count);
const perSecond = Number(values.rate);
const fault = FAULTS.find((one) => one === values.fault);
const isFlood = values.fault === FLOOD;
const isFault = values.fault === undefined || fault !== undefined || isFlood;
invariant(isFault, `--fault is one of ${[...FAULTS, FLOOD]}`);

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Registers consents of real wallets at random nodes. */
async function register(nodes: readonly LoopbackNode[]): Promise<Withdrawal[]> {
  const withdrawals: Withdrawal[] = [];
  for (const { feed } of nodes) await knowStudy(feed);
  while (withdrawals.length < count) {
    const node = pick(nodes);
    const { feed } = node;
    const wallet = await linkedWallet(feed, `patient-${withdrawals.length}`);
    for (let serial = 1n; serial <= SERIALS && withdrawals.length < count; serial += 1n) {
      const consent = wallet.consent(serial, { requester: 1_000n + serial });
      await registerConsent(feed, consent);
      const w = String(wallet.secretOf(serial));
      const handle = String(consent.fields.handle);
      const registeredAt = node;
      withdrawals.push({ w, handle, registeredAt, startedMs: Number.NaN, refusedMs: new Map() });
    }
  }
  return withdrawals;
}

function pick<T>(items: readonly T[]): T {
  const item = items[randomInt(items.length)];
  invariant(item !== undefined, 'there is something to pick');
  return item;
}

/**
 * Listens to one node, which tells what was withdrawn as soon as it is in its database.
 *
 * @returns ends it, and asks as the gate does whether all that was heard is refused.
 */
function watch(place: number, { feed, db }: LoopbackNode, all: readonly Withdrawal[]) {
  const byHandle = new Map(all.map((one) => [one.handle, one]));
  const heard = (handles: readonly string[]) => {
    const nowMs = performance.now();
    for (const handle of handles) {
      const refusedMs = byHandle.get(handle)?.refusedMs;
      if (refusedMs !== undefined && !refusedMs.has(place)) refusedMs.set(place, nowMs);
    }
  };
  Object.assign(feed, { onWithdrawn: heard });
  return async () => {
    const refused = await db.transaction((tx) => isWithdrawn(tx, [...byHandle.keys()]), 'read');
    invariant(refused.size === all.length, 'what a node tells, its gate refuses');
  };
}

/** Withdraws at the given rate, and waits until every one of these nodes refuses every one. */
async function withdraw(nodes: readonly LoopbackNode[], all: readonly Withdrawal[]) {
  const startMs = performance.now();
  const watched = nodes.map((node, place) => watch(place, node, all));
  const published: Promise<unknown>[] = [];
  const cpu = process.cpuUsage();
  for (const [i, one] of all.entries()) {
    // Due times are fixed beforehand: a busy process must not slow down what it is measured by.
    one.startedMs = startMs + (i * 1000) / perSecond;
    if (one.startedMs > performance.now()) await delay(one.startedMs - performance.now());
    published.push(isFlood ? withdrawElsewhere(nodes, one) : publish(pick(nodes), one));
  }
  const lastsMs = performance.now() - startMs;
  await Promise.all(published);
  const untilMs = performance.now() + LAST_WAIT_MS;
  const isDone = () => all.every(({ refusedMs }) => refusedMs.size === nodes.length);
  while (!isDone() && performance.now() < untilMs) await delay(POLL_MS);
  invariant(isDone(), 'every node refuses every withdrawn consent');
  for (const check of watched) await check();
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = performance.now() - startMs;
  const cores = Math.round((user + system) / tookMs / 10) / 100;
  const others = loadavg()[0]?.toFixed(1);
  say(`the nodes took ${cores} of a core; load ${others} on ${availableParallelism()} cores`);
  return { perSecond: Math.round((all.length / lastsMs) * 10_000) / 10 };
}

async function publish({ feed }: LoopbackNode, { w }: Withdrawal): Promise<void> {
  await publishWithdrawals(feed, [w]);
}

/** As the wallet does it at a node that does not know the consent: it works, more if that is too little. */
async function withdrawElsewhere(nodes: readonly LoopbackNode[], one: Withdrawal): Promise<void> {
  const { feed } = pick(nodes.filter((node) => node !== one.registeredAt));
  const secrets = [one.w];
  for (let bits = FLOOD_BITS; ; bits += 2) {
    const task = { institution: feed.institution, secrets, at: feed.clock.nowSeconds() };
    const puzzle = await solvePuzzle(task, bits);
    const { refused } = await takeWithdrawals(feed, { secrets, puzzle });
    if (refused.length === 0) return;
  }
}

/** Hands random secrets to every node until it is stopped, half of them with work that was done before. */
function flood(nodes: readonly LoopbackNode[]) {
  const told = { taken: 0, refused: 0 };
  const everyMs = 60_000 / FLOOD_PER_MINUTE;
  const hand = async ({ feed }: LoopbackNode, turn: number) => {
    const secrets = [String(randomField())];
    const { institution, clock } = feed;
    const task = { institution, secrets, at: clock.nowSeconds() };
    const puzzle = turn % 2 === 0 ? await solvePuzzle(task, FLOOD_BITS) : undefined;
    const { refused } = await takeWithdrawals(feed, { secrets, puzzle });
    told[refused.length === 0 ? 'taken' : 'refused'] += 1;
  };
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    for (const node of nodes) void hand(node, turn).catch(() => undefined);
  }, everyMs);
  return () => {
    clearInterval(timer);
    return told;
  };
}

/** What a share of the withdrawals took at most, until the slowest node refused. */
function percentile(all: readonly Withdrawal[], share: number): number {
  const times = all
    .map(({ startedMs, refusedMs }) => Math.max(...refusedMs.values()) - startedMs)
    .sort((one, other) => one - other);
  return Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
}

/** Makes the last node misbehave, and says how; afterwards what became of it and of the others. */
const MISBEHAVIOUR: Readonly<Record<Fault, (node: LoopbackNode) => Promise<void>>> = {
  'cut-off': async (node) => node.cutOff(true),
  withholding: async (node) => {
    // It accepts a withdrawal, but answers no request for its feed.
    await publishWithdrawals(node.feed, ['4242']);
    node.wire.meddle((request, answer) => {
      const isFeed = request.method === 'GET' && request.url?.startsWith('/feed') === true;
      return isFeed && CUT(request, answer);
    });
  },
  garbage: async (node) => {
    const { institution } = node;
    const segment = {
      institution,
      after: 0,
      entries: ['1'],
      head: node.feed.known.get(institution)?.head,
    };
    const newest = { ...segment, digests: [], signature: `0x${'1'.repeat(130)}` };
    const overheard = { newest, older: newest, others: newest } as Overheard;
    const lies = Object.values(LIES);
    node.wire.meddle((request, answer: ServerResponse) => {
      if (request.method !== 'GET' || !request.url?.startsWith('/feed')) return false;
      pick(lies)(overheard, answer);
      return true;
    });
  },
};

async function reportFault(
  nodes: readonly LoopbackNode[],
  faulty: LoopbackNode,
  all: readonly Withdrawal[],
) {
  const handles = all.map(({ handle }) => handle);
  const atFaulty = await faulty.db.transaction((tx) => isWithdrawn(tx, handles), 'read');
  const gapsMs = nodes.map(({ feed }) => feedHealth(feed).behind.length);
  say(
    `the faulty node refuses ${atFaulty.size} of ${all.length}; its own last anchoring: ${faulty.anchoring.health().lastError ?? 'anchored'}`,
  );
  say(`gaps at the others: ${gapsMs.join(' ')}`);
  // The others anchor once more, so that there is something that a node cut off cannot have.
  for (const { anchoring } of nodes) await anchoring.anchorNow().catch(() => undefined);
  await faulty.advance(121_000);
  const { behind } = feedHealth(faulty.feed);
  say(
    `two minutes later the faulty node is behind with ${behind.length} feeds${behind.length > 0 ? ' and serves no consent (FEED_GAP)' : ''}`,
  );
  faulty.cutOff(false);
  const startMs = performance.now();
  const isHealed = async () => {
    const refused = await faulty.db.transaction((tx) => isWithdrawn(tx, handles), 'read');
    return refused.size === handles.length && feedHealth(faulty.feed).behind.length === 0;
  };
  while (!(await isHealed()) && performance.now() - startMs < LAST_WAIT_MS) await delay(100);
  const healedMs = Math.round(performance.now() - startMs);
  say(`healed, it refuses all and has no gap after ${healedMs} ms`);
  return {
    refusedByFaulty: atFaulty.size,
    gapsAtOthers: Math.max(...gapsMs),
    gapsAtFaulty: behind.length,
    healedMs,
  };
}

const network = await startLoopbackNetwork({
  size: NODES,
  cadenceSeconds: CADENCE_SECONDS,
  isWired: (slot) => fault !== undefined && slot === NODES - 1,
});
try {
  const faulty = fault && network.node(NODES - 1);
  const measured = network.nodes.filter((node) => node !== faulty);
  say(`${NODES} nodes; registering ${count} consents`);
  const all = await register(measured);
  for (const node of network.nodes) node.startCadence();
  await delay(5_000);
  if (faulty && fault) await MISBEHAVIOUR[fault](faulty);
  say(`withdrawing ${perSecond} a second${fault ? `, ${faulty?.institution}: ${fault}` : ''}`);
  const strangerTerms = { puzzleBits: FLOOD_BITS, heldSeconds: 86_400 };
  if (isFlood)
    for (const { feed } of network.nodes) Object.assign(feed, { strangers: strangerTerms });
  const stopFlood = isFlood ? flood(network.nodes) : undefined;
  const rate = await withdraw(measured, all);
  const strangers = stopFlood?.();
  if (strangers) say(`strangers: ${strangers.taken} taken, ${strangers.refused} refused`);
  const figures = { p50Ms: percentile(all, 0.5), p99Ms: percentile(all, 0.99), count: all.length };
  say(`until all ${measured.length} refuse: p50 ${figures.p50Ms} ms, p99 ${figures.p99Ms} ms`);
  const flooded = strangers === undefined ? {} : { fault: FLOOD, ...strangers };
  const outcome =
    faulty && fault ? { fault, ...(await reportFault(measured, faulty, all)) } : flooded;
  process.stdout.write(`${JSON.stringify({ ...figures, ...rate, ...outcome })}\n`);
} finally {
  await network.close();
}
