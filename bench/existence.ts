/**
 * Whether the time that a node takes tells that somebody is there whom the asker may not see.
 *
 * For each state in which nothing is opened, one node is asked over HTTP for a participant who
 * exists and for one that nobody has, in random order, many times. Printed: the ratio of the medians,
 * and how often an attacker is right who learns a threshold from half of the times and guesses the
 * others by it. 0.5 is no better than a coin; what chance alone gives at this number of rounds stands
 * beside it, and so does the same attacker against two askings of the same, and against a permit.
 *
 * The node is as it is run, but for an embedded database and that client and node share this process.
 *
 * Run: npm run bench:existence -- [--rounds 100] [--rows 50]   (rows: of the patients with hidden ones)
 */
import { parseArgs } from 'node:util';
import { newSession, type Session } from '../src/client/gateway/session.js';
import { researchSubject } from '../src/consent/tables/table-study.js';
import { toPseudonym } from '../src/core/ids.js';
import { importBundle } from '../src/records/import/import-bundle.js';
import { handleOf } from '../src/zk/leaf.js';
import { publish } from '../test/support/consent/gate-feed.js';
import { DAY, now, snapshotOf } from '../test/support/consent/gate-fixture.js';
import { STUDY } from '../test/support/names.js';
import {
  ANA,
  ANA_ELSEWHERE,
  admit,
  BEN,
  DORA,
  NOBODY,
  type Whom,
} from '../test/support/records/attack-people.js';
import { PUBLISHED_SECRET, permitFor } from '../test/support/records/attacks.js';
import { collection, labelled, observation, patient } from '../test/support/records/clinic.js';
import { showStored, startGatedNetwork } from '../test/support/records/gated-network.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    rows: { type: 'string', default: '50' },
  },
});
const rounds = Number(values.rounds);
const hiddenRows = Number(values.rows);
const WARM_UP_ROUNDS = 15;
const [STALE_ROOT, ROOT] = [
  { root: 5n, epoch: 1 },
  { root: 7n, epoch: 2 },
];
/** Patients of as many rows: the one's are labelled, and told by 2024 as the other's. */
const EVE: Whom = { study: STUDY, pseudonym: '1005' };
const FAY: Whom = { study: STUDY, pseudonym: '1006' };
const QUESTION = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Participant { pseudonym observations { nodes { id recorded } } } } }`;

const snapshot = snapshotOf(
  { root: STALE_ROOT.root, anchoredAt: now - 20 * DAY },
  { root: ROOT.root, anchoredAt: now - 9 * DAY },
);
const network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot });
const { riverside, lakeshore } = network;

/** Two who are compared, by one asker. */
interface Comparison {
  readonly state: string;
  readonly session: Session | undefined;
  readonly pair: readonly [Whom, Whom];
}

async function admitWithRows({ study, pseudonym }: Whom, id: string, change: object) {
  const rows = Array.from({ length: hiddenRows }, (_, n) => observation(`${id}-${n}`, id, change));
  await importBundle(riverside.db, collection(patient(id), ...rows), { source: 'bench' });
  const row = { study: study as typeof STUDY, pseudonym: toPseudonym(pseudonym), patientId: id };
  await riverside.db.transaction((tx) =>
    tx.insert(researchSubject).values({ ...row, linkedAt: 0 }),
  );
}

async function comparisons(): Promise<readonly Comparison[]> {
  const show = (whom: Whom, change = {}, root = ROOT) =>
    showStored([riverside], [permitFor(whom, change)], root);
  const withdrawn = { handle: String(handleOf(PUBLISHED_SECRET)) };
  const late = { dataWindow: { from: now - DAY, until: now } };
  const both = (change: object, ...people: readonly Whom[]) =>
    showStored(
      [riverside],
      people.map((whom) => permitFor(whom, change)),
      ROOT,
    );
  const denied: readonly (readonly [string, Session | undefined])[] = [
    ['no token', undefined],
    ['nothing presented', await newSession()],
    ['expired', await show(ANA, { expires: now })],
    ['withdrawn', await show(ANA, withdrawn)],
    ['stale root', await show(ANA, {}, STALE_ROOT)],
    ['presented to another', await showStored([lakeshore], [permitFor(ANA)], ROOT)],
    ['another participant', await show(BEN)],
    ['another study', await show(ANA_ELSEWHERE)],
  ];
  return [
    { state: '(the same, twice)', session: await newSession(), pair: [NOBODY, NOBODY] },
    ...denied.map(([state, session]) => ({ state, session, pair: [ANA, NOBODY] as const })),
    {
      state: 'outside the scope',
      session: await both({ dataClasses: ['CONDITION'] }, ANA, DORA),
      pair: [ANA, DORA],
    },
    { state: `${hiddenRows} labelled rows`, session: await both({}, EVE, DORA), pair: [EVE, DORA] },
    {
      state: `${hiddenRows} rows outside the window`,
      session: await both(late, FAY, DORA),
      pair: [FAY, DORA],
    },
    { state: '(permitted)', session: await show(ANA), pair: [ANA, NOBODY] },
  ];
}

async function timed({ pseudonym }: Whom, session: Session | undefined): Promise<number> {
  const representations = [{ __typename: 'Participant', pseudonym }];
  const body = JSON.stringify({ query: QUESTION, variables: { representations } });
  const headers = await riverside.sign(body, session);
  const startMs = performance.now();
  const { json } = await riverside.send(body, headers);
  const tookMs = performance.now() - startMs;
  if (json.errors !== undefined) throw new Error(JSON.stringify(json.errors));
  return tookMs;
}

async function measure({ state, session, pair }: Comparison) {
  const times: [number[], number[]] = [[], []];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const order = Math.random() < 0.5 ? ([0, 1] as const) : ([1, 0] as const);
    for (const n of order) {
      const ms = await timed(pair[n], session);
      if (round >= 0) times[n].push(ms);
    }
  }
  const [there, not] = [median(times[0]), median(times[1])];
  const figures = { state, ratio: round3(there / not), correct: round3(guesses(times)) };
  say(
    `${state.padEnd(30)} ${there.toFixed(2)} ms, ${not.toFixed(2)} ms: ratio ${figures.ratio}, ` +
      `right in ${figures.correct}`,
  );
  return figures;
}

/** The share of right guesses about the odd rounds, by the threshold that is best for the even ones. */
function guesses([there, not]: readonly [readonly number[], readonly number[]]): number {
  const half = (times: readonly number[], parity: number) =>
    times.filter((_, n) => n % 2 === parity);
  const right = (threshold: number, slowerIsThere: boolean, parity: number) => {
    const said = (ms: number) => ms > threshold === slowerIsThere;
    const hits = half(there, parity).filter(said).length;
    const misses = half(not, parity).filter(said).length;
    const each = half(there, parity).length;
    return (hits + each - misses) / (2 * each);
  };
  let best = { threshold: 0, slowerIsThere: true, share: 0 };
  for (const threshold of [...half(there, 0), ...half(not, 0)]) {
    for (const slowerIsThere of [true, false]) {
      const share = right(threshold, slowerIsThere, 0);
      if (share > best.share) best = { threshold, slowerIsThere, share };
    }
  }
  return right(best.threshold, best.slowerIsThere, 1);
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await admit(riverside.db, 'ana', 'ben', 'dora');
  await admitWithRows(EVE, 'eve', labelled('PSY'));
  await admitWithRows(FAY, 'fay', {});
  await publish(riverside.db, [String(PUBLISHED_SECRET)]);
  const states = [];
  for (const comparison of await comparisons()) states.push(await measure(comparison));
  // Two standard deviations of the share of right guesses, were each a coin.
  const chance = round3(0.5 + 1 / Math.sqrt(rounds));
  say(`by chance alone up to ${chance}`);
  process.stdout.write(`${JSON.stringify({ rounds, chance, states })}\n`);
} finally {
  await network.stop();
}
