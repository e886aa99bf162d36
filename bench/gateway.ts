/**
 * This gateway beside Apollo Server with `@apollo/gateway`, over the same domain subgraphs and the same
 * nodes. Every part is a process of its own: two hospitals and a sponsor over PostgreSQL, this gateway,
 * Apollo's, and for Apollo's the subgraphs over HTTP, as other routers ask them. Asked are the query of the
 * README, ten public trials and the network. In each round every side is asked each of them for some seconds,
 * with the gate and without. Both must answer the same, or nothing is measured.
 *
 *   ratio             answers a second of this gateway over Apollo's, if the three are asked in turn. Nodes,
 *                     database and client share the machine, and what they take is the same on both sides.
 *   ratioWithoutGate  the same over nodes that open everything to everybody and log nothing
 *   cpuRatio          CPU that Apollo's gateway and its subgraphs use for an answer, over that of this gateway:
 *                     what a machine answers that has a gateway alone, because nodes have machines of their own
 *   cpuRatioWithoutGate
 *   p50, p99          milliseconds of this gateway's answers, with the gate
 *
 * Run: npm run bench:gateway [-- --json] [--rounds 4] [--seconds 2]
 * Takes three minutes on a quiet machine. Needs PostgreSQL's programs. Figures go to stderr; with --json, the
 * last line of stdout is JSON.
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
import { type Cost, type Pair, Rounds, SIDES } from './gateway/rounds.js';
import { type BenchWorld, createWorld, HOSPITALS, SPONSOR } from './gateway/world.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
  },
});
const CONNECTIONS = 8;
const WARM_UP_SECONDS = 4;
/** An answer without rows is shorter. */
const MIN_ANSWER_BYTES = 420;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const processes = new Processes();

/** Both gateways over one kind of nodes. */
async function startPair(
  name: string,
  institutions: readonly AskedInstitution[],
  world: BenchWorld,
): Promise<Pair> {
  const setting = JSON.stringify({
    gatewayJwk: world.gatewayJwk,
    institutions,
  } satisfies GatewaySetting);
  const ours = await processes.start<{ url: string }>('our-process', setting);
  const served = await processes.start<{ supergraphSdl: string }>('subgraphs-process', setting);
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const path = join(folder, 'supergraph.graphql');
  writeFileSync(path, served.said.supergraphSdl);
  const theirs = await processes.start<{ url: string }>('apollo-process', path);
  rmSync(folder, { recursive: true });
  return {
    name,
    ours: { url: ours.said.url, processes: [ours] },
    theirs: { url: theirs.said.url, processes: [theirs, served] },
  };
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
      return { id, endpoint: started[i]?.said[kind] ?? '', roles, status: 'ACTIVE' };
    });
  return { started, gated: at('gated'), open: at('open') };
}

/** Times say how long; everything else must be equal. */
function comparable(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (key, value) => (key === 'latencyMs' ? null : value)));
}

async function requireSame({ ours, theirs }: Pair, token: string): Promise<void> {
  for (const [name, document] of Object.entries(QUERIES)) {
    const answers = [await ask(ours.url, token, document), await ask(theirs.url, token, document)];
    const [answer, other] = answers.map(comparable);
    if (!isDeepStrictEqual(answer, other)) throw new Error(`the two answer differently: ${name}`);
    const bytes = JSON.stringify(answer).length;
    if (bytes < MIN_ANSWER_BYTES) throw new Error(`nothing to measure: ${name}`);
  }
}

async function warmUp(pair: Pair, token: string): Promise<void> {
  for (const side of SIDES) {
    const seconds = WARM_UP_SECONDS;
    const connections = CONNECTIONS;
    await measure(pair[side].url, token, Object.values(QUERIES), { connections, seconds });
  }
}

const round2 = (value: number) => Math.round(value * 100) / 100;

function tell(what: string, ours: Cost, theirs: Cost): void {
  const rates = `${ours.rate.toFixed(0)} a second, theirs ${theirs.rate.toFixed(0)} (${(ours.rate / theirs.rate).toFixed(2)})`;
  const cpu = `CPU ${ours.cpuMs.toFixed(1)} ms, theirs ${theirs.cpuMs.toFixed(1)} (${(theirs.cpuMs / ours.cpuMs).toFixed(2)})`;
  const nodes = `nodes ${ours.nodesCpuMs.toFixed(1)}, ${theirs.nodesCpuMs.toFixed(1)}`;
  say(`${what.padEnd(36)} ${rates}; ${cpu}; ${nodes}`);
}

/** Tells all of a pair, and gives its two ratios. */
function conclude(rounds: Rounds, pair: Pair) {
  for (const query of Object.keys(QUERIES)) {
    const [ours, theirs] = [
      rounds.costOf(pair, query, 'ours'),
      rounds.costOf(pair, query, 'theirs'),
    ];
    tell(`${pair.name}: ${query}`, ours, theirs);
  }
  const [ours, theirs] = [rounds.costInTurn(pair, 'ours'), rounds.costInTurn(pair, 'theirs')];
  tell(`${pair.name}: all three in turn`, ours, theirs);
  return { ratio: round2(ours.rate / theirs.rate), cpuRatio: round2(theirs.cpuMs / ours.cpuMs) };
}

const world = await createWorld();
try {
  const nodes = await startNodes(world);
  const gated = await startPair('gate', nodes.gated, world);
  const open = await startPair('no gate', nodes.open, world);
  const pairs = [gated, open];
  const { thumbprint } = world;
  const token = await world.session.signToken({ audience: thumbprint, seconds: 43_000 });
  for (const pair of pairs) await requireSame(pair, token);
  for (const pair of pairs) await warmUp(pair, token);
  const rounds = new Rounds({
    pairs,
    token,
    nodes: nodes.started,
    connections: CONNECTIONS,
    seconds: Number(values.seconds),
  });
  for (let round = 0; round < Number(values.rounds); round += 1) await rounds.run(round);
  const [withGate, without] = [conclude(rounds, gated), conclude(rounds, open)];
  const figures = {
    ratio: withGate.ratio,
    p50: round2(rounds.quantileOf(gated, 'ours', 0.5)),
    p99: round2(rounds.quantileOf(gated, 'ours', 0.99)),
    ratioWithoutGate: without.ratio,
    cpuRatio: withGate.cpuRatio,
    cpuRatioWithoutGate: without.cpuRatio,
  };
  say(JSON.stringify(figures));
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await processes.stop();
  await world.stop();
}
process.exit(0);
