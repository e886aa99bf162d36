/**
 * This gateway beside Apollo Server with `@apollo/gateway`, over the same domain subgraphs and the same
 * nodes. Every part is a process of its own: two hospitals and a sponsor over PostgreSQL, this gateway,
 * Apollo's, and for Apollo's the subgraphs over HTTP, as other routers ask them. Asked are the query of the
 * README, ten public trials and the network, in turn; rounds of a few seconds alternate. Both must answer
 * the same, or nothing is measured.
 *
 *   ratio             answers a second of this gateway over Apollo's, over the three in turn
 *   ratioWithoutGate  the same over nodes that open everything to everybody and log nothing
 *   p50, p99          milliseconds of this gateway's answers, with the gate
 *
 * Run: npm run bench:gateway [-- --json] [--rounds 6] [--seconds 3]
 * Needs PostgreSQL's programs on this machine. Figures go to stderr; with --json, the last line of stdout
 * is JSON.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import type { AskedInstitution } from '../src/network/ask-nodes.js';
import type { GatewaySetting } from './gateway/domains.js';
import { ask, measure } from './gateway/load.js';
import type { NodeSetting } from './gateway/node-process.js';
import { Processes } from './gateway/processes.js';
import { QUERIES } from './gateway/queries.js';
import { type BenchWorld, createWorld, HOSPITALS, SPONSOR } from './gateway/world.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '3' },
  },
});
const CONNECTIONS = 8;
const WARM_UP_SECONDS = 5;
/** An answer without rows is shorter. */
const LEAST_ANSWER_BYTES = 420;
const SIDES = ['ours', 'theirs'] as const;
type Side = (typeof SIDES)[number];

const say = (line: string) => void process.stderr.write(`${line}\n`);
const processes = new Processes();

/** Both gateways over one kind of nodes. */
async function startPair(institutions: readonly AskedInstitution[], world: BenchWorld) {
  const setting = JSON.stringify({
    ...{ gatewayJwk: world.gatewayJwk, institutions },
  } satisfies GatewaySetting);
  const ours = await processes.start<{ url: string }>('our-process', setting);
  const served = await processes.start<{ supergraphSdl: string }>('subgraphs-process', setting);
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const path = join(folder, 'supergraph.graphql');
  writeFileSync(path, served.supergraphSdl);
  const theirs = await processes.start<{ url: string }>('apollo-process', path);
  rmSync(folder, { recursive: true });
  return { ours: ours.url, theirs: theirs.url };
}

async function startNodes(world: BenchWorld) {
  const all = [...HOSPITALS, SPONSOR];
  const started = await Promise.all(
    all.map((institution) => {
      const isHospital = institution !== SPONSOR;
      const { databaseUrl, pseudonyms } = world;
      const setting: NodeSetting = { institution, isHospital, databaseUrl, pseudonyms };
      return processes.start<{ gated: string; open: string }>(
        'node-process',
        JSON.stringify(setting),
      );
    }),
  );
  const at = (kind: 'gated' | 'open') =>
    all.map((id, i): AskedInstitution => {
      const roles: AskedInstitution['roles'] = id === SPONSOR ? ['SPONSOR'] : ['HOSPITAL'];
      return { id, endpoint: started[i]?.[kind] ?? '', roles, status: 'ACTIVE' };
    });
  return { gated: at('gated'), open: at('open') };
}

/** Times say how long; everything else must be equal. */
function comparable(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (key, value) => (key === 'latencyMs' ? null : value)));
}

async function requireSame(urls: Record<Side, string>, token: string): Promise<void> {
  for (const [name, document] of Object.entries(QUERIES)) {
    const [ours, theirs] = [
      await ask(urls.ours, token, document),
      await ask(urls.theirs, token, document),
    ];
    if (!isDeepStrictEqual(comparable(ours), comparable(theirs))) {
      throw new Error(`the two answer differently: ${name}`);
    }
    const bytes = JSON.stringify(ours).length;
    if (bytes < LEAST_ANSWER_BYTES) throw new Error(`nothing to measure: ${name}`);
    say(`${name}: ${bytes} bytes`);
  }
}

/** Answers a second of both, in rounds that alternate. */
async function compare(urls: Record<Side, string>, token: string, documents: readonly string[]) {
  const took: Record<Side, number[]> = { ours: [], theirs: [] };
  const seconds: Record<Side, number> = { ours: 0, theirs: 0 };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const measured = await measure(urls[side], token, documents, {
        ...{ connections: CONNECTIONS, seconds: Number(values.seconds) },
      });
      took[side].push(...measured.tookMs);
      seconds[side] += measured.seconds;
    }
  }
  const rate = (side: Side) => took[side].length / seconds[side];
  const sorted = took.ours.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return {
    ...{ ours: rate('ours'), theirs: rate('theirs'), ratio: rate('ours') / rate('theirs') },
    ...{ p50: quantile(0.5), p99: quantile(0.99) },
  };
}

async function measurePair(kind: string, urls: Record<Side, string>, token: string) {
  await requireSame(urls, token);
  const all = Object.values(QUERIES);
  for (const side of SIDES) {
    const seconds = WARM_UP_SECONDS;
    await measure(urls[side], token, all, { connections: CONNECTIONS, seconds });
  }
  for (const [name, document] of Object.entries(QUERIES)) {
    const { ours, theirs, ratio } = await compare(urls, token, [document]);
    const rates = `${ours.toFixed(0)} a second, theirs ${theirs.toFixed(0)}`;
    say(`${kind.padEnd(10)} ${name.padEnd(24)} ${rates}, ratio ${ratio.toFixed(2)}`);
  }
  const mixed = await compare(urls, token, all);
  say(`${kind.padEnd(10)} all three in turn       ratio ${mixed.ratio.toFixed(2)}`);
  return mixed;
}

const round2 = (value: number) => Math.round(value * 100) / 100;

const world = await createWorld();
try {
  const nodes = await startNodes(world);
  const gated = await startPair(nodes.gated, world);
  const open = await startPair(nodes.open, world);
  const { thumbprint } = world;
  const token = await world.session.signToken({ audience: thumbprint, seconds: 43_000 });
  const withGate = await measurePair('gate', gated, token);
  const { ratio: without } = await measurePair('no gate', open, token);
  const figures = {
    ...{ ratio: round2(withGate.ratio), p50: round2(withGate.p50), p99: round2(withGate.p99) },
    ratioWithoutGate: round2(without),
  };
  say(JSON.stringify(figures));
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await processes.stop();
  await world.stop();
}
process.exit(0);
