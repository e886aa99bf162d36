/**
 * What a flood of wrong proofs of one client costs another's single proof: a node in a process of its
 * own, asked over HTTP; one honest requester shows its proof again and again, first alone, then beside
 * that many connections which show proofs that do not hold, each as soon as it is answered.
 *
 * Prints the honest one's p50 and p99 in both, and the ratio of the two p99; with --json the last line
 * is one JSON object. The wrong proofs pass every cheap check: they are for a key of their own, with a
 * root that is accepted, so that each has to be computed.
 *
 * Run: npm run bench:flood -- [--json] [--connections 40] [--seconds 10] [--proofs 1]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { invariant } from '../src/core/errors.js';
import { asInput, makeSession, showConsent } from '../test/support/consent/gate-fixture.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    connections: { type: 'string', default: '40' },
    seconds: { type: 'string', default: '10' },
    proofs: { type: 'string', default: '1' },
  },
});
const [connections, seconds, proofsEach] = [values.connections, values.seconds, values.proofs].map(
  Number,
) as [number, number, number];

const PRESENT = `mutation ($input: PresentConsents!) { presentConsents(input: $input) {
  outcomes { accepted refused { code } } } }`;
/** The honest requester waits so long between two showings. */
const PAUSE_MS = 50;
const HOLDER_SIGNAL = 5;

interface Outcome {
  readonly accepted: number;
  readonly refused: readonly { readonly code: string }[];
}

const agent = new Agent({ keepAlive: true });
const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Shows proofs, and waits for what the node says of them. */
async function show(url: string, body: string): Promise<Outcome> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const asked = request(`${url}/consent`, { method: 'POST', agent, headers });
  asked.end(body);
  const [answer] = await once(asked, 'response');
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  const outcome = JSON.parse(text).data?.presentConsents.outcomes[0];
  invariant(outcome !== undefined, `the node judged the proofs: ${text.slice(0, 300)}`);
  return outcome;
}

/** Milliseconds of each showing of the honest requester's proof. */
async function timeHonest(url: string, body: string): Promise<readonly number[]> {
  const untilMs = performance.now() + seconds * 1_000;
  const tookMs: number[] = [];
  while (performance.now() < untilMs) {
    const beganMs = performance.now();
    const { accepted, refused } = await show(url, body);
    tookMs.push(performance.now() - beganMs);
    invariant(accepted === 1, `a proof that holds is taken: ${JSON.stringify(refused)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return tookMs.sort((a, b) => a - b);
}

/** Connections that show wrong proofs until they are stopped. @returns stops them, says how many. */
function flood(url: string, body: string): () => Promise<Readonly<Record<string, number>>> {
  let isOver = false;
  const told: Record<string, number> = {};
  const connection = async () => {
    while (!isOver) {
      const { accepted, refused } = await show(url, body);
      invariant(accepted === 0, 'no wrong proof is taken');
      for (const { code } of refused) told[code] = (told[code] ?? 0) + 1;
    }
  };
  const all = Array.from({ length: connections }, connection);
  return async () => {
    isOver = true;
    await Promise.all(all);
    return told;
  };
}

const at = (sorted: readonly number[], share: number) =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) /
  10;

const shown = await showConsent();
const stranger = await makeSession();
const right = asInput(shown.proven);
const wrong = {
  ...right,
  publicSignals: right.publicSignals.with(HOLDER_SIGNAL, String(stranger.holder.field)),
};
const bodyOf = (input: object) => JSON.stringify({ query: PRESENT, variables: { input } });
const honestBody = bodyOf(shown.input);
const wrongBody = bodyOf({
  ...shown.input,
  holder: stranger.publicJwk,
  proofs: Array.from({ length: proofsEach }, () => wrong),
});

const script = fileURLToPath(new URL('flood/node.ts', import.meta.url));
const node = spawn(process.execPath, [...process.execArgv, script], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const [printed] = await once(node.stdout, 'data');
  const url = String(printed).trim();
  for (let i = 0; i < 20; i += 1) await show(url, honestBody);
  const alone = await timeHonest(url, honestBody);
  say(`alone: p50 ${at(alone, 0.5)} ms, p99 ${at(alone, 0.99)} ms of ${alone.length}`);
  const stop = flood(url, wrongBody);
  const beside = await timeHonest(url, honestBody);
  const told = await stop();
  say(
    `beside the flood: p50 ${at(beside, 0.5)} ms, p99 ${at(beside, 0.99)} ms of ${beside.length}`,
  );
  say(`the flood: ${JSON.stringify(told)}`);
  const figures = {
    aloneP99Ms: at(alone, 0.99),
    floodP99Ms: at(beside, 0.99),
    ratio: Math.round((at(beside, 0.99) / at(alone, 0.99)) * 100) / 100,
    ratioP50: Math.round((at(beside, 0.5) / at(alone, 0.5)) * 100) / 100,
    wrongPerSecond: Math.round(Object.values(told).reduce((sum, n) => sum + n, 0) / seconds),
  };
  say(`p99 beside the flood / p99 alone: ${figures.ratio}`);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  agent.destroy();
  node.stdin.end();
  await once(node, 'exit');
}
