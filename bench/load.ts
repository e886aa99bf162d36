/**
 * What a network does under load while its nodes fail: every node in a process of its own, a gateway in
 * another, over a real chain and, where there is one, a real PostgreSQL. Proofs are made and shown once.
 *
 * First each question is asked in quiet: so the right rows are known. Then the capacity of a mixed load
 * is measured; then the network is asked at half of it, while in turn one node is killed (-9) and started
 * again, one is stopped as it stands (SIGSTOP) and let go on, and one lies: other bodies, other
 * institutions' names, cut short, huge, packed, nested, slow. Each answer is held to the right one.
 *
 *   errors        answers that are none: no JSON, too late, or an error other than SOURCE_UNAVAILABLE
 *   wrongAnswers  a row that is not a right one, or one that is missing and not told
 *   rssGrowthMb   what the gateway or a node that was never killed holds more at the end, at most
 *   p99Ms         of all answers under load
 *
 * Run: npm run bench:load -- [--json] [--minutes 10] [--embedded] [--rate QUERIES_PER_SECOND]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Answer, judgeAnswer } from './load/judge.js';
import { leastResident } from './load/memory.js';
import { type LoadNetwork, startLoadNetwork } from './load/network.js';
import type { LoadQuery } from './load/queries.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    embedded: { type: 'boolean', default: false },
    rate: { type: 'string' },
  },
});
const minutes = Number(values.minutes);

const CONNECTIONS = 8;
const CAPACITY_SECONDS = 15;
const WARM_UP_SECONDS = 15;
const MEMORY_SECONDS = 10;
const ANSWER_MS = 60_000;
/** Beyond that an answer counts as an error: a load that is not taken is not measured. */
const MAX_UNANSWERED = 500;
const LAST_WAIT_MS = 60_000;

const startedMs = Date.now();
const say = (line: string) =>
  void process.stderr.write(
    `${((Date.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}\n`,
  );

/** One question, asked as any client does. */
type Ask = (query: LoadQuery) => Promise<Answer>;

async function askerOf({ url, tokenOf }: LoadNetwork): Promise<Ask> {
  const tokens = {
    portal: await tokenOf('portal'),
    pharmacist: await tokenOf('pharmacist'),
  };
  return async ({ document, persona }) => {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(persona === undefined ? {} : { authorization: `Bearer ${tokens[persona]}` }),
      },
      body: JSON.stringify({ query: document }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const json = (await answer.json()) as Answer;
    // What is no GraphQL answer says nothing of rows: a refusal of the server itself.
    if (json.data === undefined && json.errors === undefined) throw new Error('no answer');
    return json;
  };
}

/** Asks until every answer is whole. @returns the right answer of each question. */
async function learn(
  queries: readonly LoadQuery[],
  ask: Ask,
): Promise<ReadonlyMap<LoadQuery, unknown>> {
  const right = new Map<LoadQuery, unknown>();
  const untilMs = Date.now() + 180_000;
  while (right.size < queries.length) {
    for (const query of queries) {
      if (right.has(query)) continue;
      const { data, errors = [] } = await ask(query).catch((): Answer => ({ data: null }));
      const text = JSON.stringify(data);
      const isWhole = errors.length === 0 && !text.includes('"complete":false');
      const [first] = Object.values((data ?? {}) as object);
      if (isWhole && first !== null && first !== undefined) {
        right.set(query, data);
        say(`${query.name}: ${text.length} bytes`);
      } else if (Date.now() > untilMs) {
        throw new Error(`${query.name} is not whole in quiet: ${text} ${JSON.stringify(errors)}`);
      }
    }
    await delay(500);
  }
  return right;
}

/** What was seen of all answers so far. */
class Tally {
  answers = 0;
  errors = 0;
  wrong = 0;
  partial = 0;
  readonly tookMs: number[] = [];
  readonly #kinds = new Map<string, number>();

  async judge(query: LoadQuery, right: unknown, ask: Ask): Promise<void> {
    const beganMs = performance.now();
    try {
      const answer = await ask(query);
      const codes = (answer.errors ?? []).map(({ extensions }) => extensions?.code ?? 'NO_CODE');
      const others = codes.filter((code) => code !== 'SOURCE_UNAVAILABLE');
      const faults = judgeAnswer(right, answer);
      if (others.length > 0) this.#note('errors', `${query.name}: ${others[0]}`);
      else if (faults.length > 0) {
        this.#note('wrong', `${query.name}: ${faults[0]?.kind} at ${faults[0]?.path}`);
      }
      const isPartial =
        codes.length > 0 || JSON.stringify(answer.data).includes('"complete":false');
      if (isPartial) this.partial += 1;
    } catch (thrown) {
      this.#note(
        'errors',
        `${query.name}: ${thrown instanceof Error ? `${thrown.name} ${thrown.message}` : 'thrown'}`,
      );
    }
    this.answers += 1;
    this.tookMs.push(performance.now() - beganMs);
  }

  #note(which: 'errors' | 'wrong', what: string): void {
    this[which] += 1;
    const count = this.#kinds.get(what) ?? 0;
    if (count === 0) say(`${which === 'wrong' ? 'WRONG' : 'error'}: ${what}`);
    this.#kinds.set(what, count + 1);
  }

  /** Counts an error that no answer came of. */
  refuse(what: string): void {
    this.#note('errors', what);
  }

  percentile(share: number): number {
    const sorted = this.tookMs.toSorted((a, b) => a - b);
    return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  }

  get summary(): string {
    const kinds = [...this.#kinds].map(([what, count]) => `${what} ×${count}`);
    return [`${this.answers} answers, ${this.partial} partial`, ...kinds].join('; ');
  }
}

/** Questions in turn, each with its right answer. */
function turnsOf(right: ReadonlyMap<LoadQuery, unknown>) {
  const all = [...right];
  let turn = 0;
  return () => {
    turn += 1;
    const next = all[turn % all.length];
    if (next === undefined) throw new Error('there are questions');
    return next;
  };
}

/** Queries a second that a few connections get answered. */
async function measureCapacity(right: ReadonlyMap<LoadQuery, unknown>, ask: Ask, tally: Tally) {
  const next = turnsOf(right);
  const untilMs = performance.now() + CAPACITY_SECONDS * 1_000;
  const connection = async () => {
    while (performance.now() < untilMs) await tally.judge(...next(), ask);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return tally.answers / CAPACITY_SECONDS;
}

/** Asks at a rate that does not depend on the answers, until it is stopped. */
function askAt(perSecond: number, right: ReadonlyMap<LoadQuery, unknown>, ask: Ask, tally: Tally) {
  const next = turnsOf(right);
  const beganMs = performance.now();
  let asked = 0;
  let unanswered = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beganMs) / 1_000) * perSecond);
    for (; asked < due; asked += 1) {
      if (unanswered >= MAX_UNANSWERED) {
        tally.refuse('not answered in time');
        continue;
      }
      unanswered += 1;
      void tally.judge(...next(), ask).finally(() => {
        unanswered -= 1;
      });
    }
  }, 10);
  return async () => {
    clearInterval(timer);
    const untilMs = Date.now() + LAST_WAIT_MS;
    while (unanswered > 0 && Date.now() < untilMs) await delay(50);
  };
}

/** One fault after another, each as long as the quiet behind it; twice the same is another node's. */
async function fail(network: LoadNetwork, untilMs: number): Promise<ReadonlySet<string>> {
  const { institutions, liar, pidOf } = network;
  const killed = new Set<string>();
  const lastsMs = Math.min(30_000, (untilMs - Date.now()) / 6.5);
  const at = (round: number) => institutions[round % institutions.length] ?? '';
  const faults = [
    async (round: number) => {
      const institution = at(round + 1);
      say(`killed: ${institution}`);
      killed.add(institution);
      await network.kill(institution);
      await delay(lastsMs);
      await network.restart(institution);
    },
    async (round: number) => {
      const institution = at(round);
      const pid = pidOf(institution);
      say(`frozen: ${institution}`);
      process.kill(pid, 'SIGSTOP');
      await delay(lastsMs);
      process.kill(pid, 'SIGCONT');
    },
    async () => {
      const before = liar.told();
      liar.lie(true);
      await delay(lastsMs);
      liar.lie(false);
      say(`lied: ${liar.told() - before} times`);
    },
  ];
  for (let turn = 0; Date.now() + 2 * lastsMs <= untilMs + 1_000; turn += 1) {
    await faults[turn % faults.length]?.(Math.floor(turn / faults.length));
    say('whole again');
    await delay(lastsMs);
  }
  await delay(Math.max(0, untilMs - Date.now()));
  return killed;
}

const network = await startLoadNetwork(values.embedded, say);
try {
  const ask = await askerOf(network);
  const right = await learn(network.queries, ask);
  const quiet = new Tally();
  const capacity = Number(values.rate ?? 0) * 2 || (await measureCapacity(right, ask, quiet));
  say(
    `capacity ${capacity.toFixed(1)} queries/s, p99 ${quiet.percentile(0.99)} ms; ${quiet.summary}`,
  );
  const tally = new Tally();
  const stopAsking = askAt(capacity / 2, right, ask, tally);
  await delay(WARM_UP_SECONDS * 1_000);
  const pids = Object.fromEntries(
    ['gateway', ...network.institutions].map((name) => [name, network.pidOf(name)]),
  );
  const before = await leastResident(pids, MEMORY_SECONDS);
  const killed = await fail(network, Date.now() + minutes * 60_000);
  const after = await leastResident(pids, MEMORY_SECONDS);
  await stopAsking();
  const growth = Object.entries(after)
    .filter(([name]) => !killed.has(name))
    .map(([name, mb]) => [name, mb - (before[name] ?? mb)] as const);
  for (const [name, mb] of growth)
    say(`${name}: ${mb.toFixed(0)} MB more, ${after[name]?.toFixed(0)}`);
  say(tally.summary);
  const figures = {
    errors: tally.errors,
    wrongAnswers: tally.wrong + quiet.wrong,
    rssGrowthMb: Math.round(Math.max(...growth.map(([, mb]) => mb))),
    p99Ms: tally.percentile(0.99),
  };
  say(JSON.stringify(figures));
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await network.stop();
}
process.exit(0);
