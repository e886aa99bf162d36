/**
 * What the costliest documents that the limits let through take: processor time of a gateway and of the
 * node that it asks, in one process, over an empty database, so that rows cost nothing. Documents of each
 * kind that grow until a limit refuses them, and those that a search over all root fields finds.
 *
 * Run: npm run bench:document -- [seconds of search]
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { buildSchema, type GraphQLSchema, getIntrospectionQuery } from 'graphql';
import { pino } from 'pino';
import {
  MAX_DOCUMENT_BYTES,
  MAX_LIST_ITEMS,
  MAX_SIZE,
  MAX_TOKENS,
} from '../src/federation/document/limits.js';
import { usualServerLimits } from '../src/federation/http/server-limits.js';
import { requestsOver } from '../test/support/federation/document-maker.js';
import { gatewayKey, tokenFor } from '../test/support/federation/stand.js';
import { startWholeNetwork } from '../test/support/federation/whole-network.js';

const SEARCH_SECONDS = Number(process.argv[2] ?? 20);
/** What no document may take: docs/protocol.md. */
const MAX_MS = 250;

interface Made {
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

const times = (count: number, each: (i: number) => string) =>
  Array.from({ length: Math.max(1, Math.floor(count)) }, (_, i) => each(i)).join(' ');

const ROOTS = {
  trials: 'trials { complete nodes { id } }',
  trace: 'trace(epc: "urn:epc:id:sgtin:9521234.000001.1") { complete }',
  'trials with evidence': 'trials { nodes { id evidence { leaf } } }',
  trial: 'trial(id: "NCT00000001") { id }',
  study: 'study(id: "NCT00000001") { id access { presented } participants { complete } }',
  lot: 'lot(gtin: "09521234000013", lot: "1") { lot expiry }',
  verifyProduct:
    'verifyProduct(gtin: "09521234000013", serial: "1", lot: "1", expiry: "2026-01-01") { complete }',
  network: 'network { epoch institutions { id name } }',
} as const;

/** Kinds of documents by how large they are, 0 to 1 of what the limits allow and a little beyond. */
const KINDS: Readonly<Record<string, (size: number) => Made['query']>> = {
  ...Object.fromEntries(
    Object.entries(ROOTS).map(([name, field]) => [
      `aliases of ${name}`,
      (size: number) => `{ ${times(size * MAX_SIZE.rootFields, (i) => `a${i}: ${field}`)} }`,
    ]),
  ),
  'like fields': (size) =>
    `{ trials { nodes { ${times(size * MAX_SIZE.selections, () => 'id')} } } }`,
  'like fields of objects': (size) =>
    `{ ${times((size * MAX_SIZE.selections) / 3, () => 'trials { nodes { id } }')} }`,
  'fragments that spread one another': (size) => {
    const count = Math.max(2, Math.floor(size * 80));
    const all = times(count, (i) => `...F${i}`);
    return `{ network { ${all} } } ${times(count, (i) => `fragment F${i} on Network { epoch ${i + 1 < count ? `...F${i + 1}` : ''} }`)}`;
  },
  'spreads of one': (size) =>
    `{ ${times((size * MAX_SIZE.selections) / 4, () => '...A')} } fragment A on Query { network { epoch } }`,
  comment: (size) =>
    `#${'x'.repeat(Math.floor(size * MAX_DOCUMENT_BYTES) - 20)}\n{ network { epoch } }`,
  'a long string': (size) =>
    `{ trials(where: { condition: "${'x'.repeat(Math.floor(size * MAX_DOCUMENT_BYTES) - 60)}" }) { complete } }`,
  'a list of values': (size) =>
    `mutation { withdrawConsents(secrets: [${times(size * MAX_TOKENS * 0.9, (i) => `"${i}"`)}]) { complete } }`,
  conditions: (size) =>
    `query ($a: Boolean = true) { ${times(size * MAX_SIZE.directives, (i) => `a${i}: network @include(if: $a) { epoch }`)} }`,
  'errors of validation': (size) =>
    `{ ${times(size * MAX_SIZE.selections, (i) => `netwrok${i}`)} }`,
  introspection: () => getIntrospectionQuery(),
  'introspection of fields of fields': () =>
    '{ __schema { types { name description fields { name description args { name type { name ofType { name } } } type { name description fields { name description type { name description enumValues { name description } } args { name description type { name description ofType { name ofType { name ofType { name } } } } } } } } } } }',
};

const VARIABLES: readonly Made[] = [
  {
    name: 'a thousand secrets in a variable',
    query: 'mutation ($s: [Field!]!) { withdrawConsents(secrets: $s) { complete } }',
    variables: { s: Array.from({ length: 1_000 }, (_, i) => String(i + 1)) },
  },
  {
    name: 'as long a list as allowed in a variable',
    query: 'mutation ($s: [Field!]!) { withdrawConsents(secrets: $s) { complete } }',
    variables: { s: Array.from({ length: MAX_LIST_ITEMS }, (_, i) => String(i)) },
  },
  {
    name: 'as long a list of wrong values',
    query: 'mutation ($s: [Field!]!) { withdrawConsents(secrets: $s) { complete } }',
    variables: { s: Array.from({ length: MAX_LIST_ITEMS }, () => 'x') },
  },
];

const logger = pino({ level: 'silent' });
const unlimited = { requestsPerMinuteByAddress: 1e9, requestsPerMinuteByHolder: 1e9 };
const network = await startWholeNetwork(logger, {
  gateway: { ...usualServerLimits('gateway'), ...unlimited },
});
const authorization = `Bearer ${await tokenFor(gatewayKey.thumbprint)}`;
const schema: GraphQLSchema = buildSchema(readFileSync('schema/api.graphql', 'utf8'));

async function costOf(app: FastifyInstance, url: string, made: Made) {
  const { query, variables } = made;
  const payload = JSON.stringify({ query, variables });
  const headers = { 'content-type': 'application/json', authorization };
  const before = process.cpuUsage();
  const response = await app.inject({ method: 'POST', url, headers, payload });
  const { user, system } = process.cpuUsage(before);
  const { errors } = response.json();
  const isPart = response.body.includes('"complete":false');
  const code: string = errors?.[0]?.extensions?.code ?? (isPart ? 'in part' : 'answered');
  return { ms: (user + system) / 1000, code };
}

/** The middle of three, once it is warm. */
async function measure(made: Made) {
  const runs = [];
  for (let i = 0; i < 4; i += 1) runs.push(await costOf(network.gateway, '/graphql', made));
  const sorted = runs.slice(1).sort((a, b) => a.ms - b.ms);
  return sorted[1] ?? { ms: 0, code: '' };
}

const found: { readonly name: string; readonly ms: number; readonly code: string }[] = [];
async function note(made: Made) {
  const { ms, code } = await measure(made);
  found.push({ name: made.name, ms, code });
}

// What is compiled, connected and cached on first use is no document's cost.
for (let turn = 0; turn < 5; turn += 1) {
  for (const field of Object.values(ROOTS)) {
    await costOf(network.gateway, '/graphql', { name: 'warm', query: `{ ${field} }` });
  }
}
for (const [name, make] of Object.entries(KINDS)) {
  for (const size of [1, 0.5, 0.2, 0.1]) {
    const made = { name: `${name}, ${size} of the limit`, query: make(size) };
    await note(made);
    if (found.at(-1)?.code === 'answered') break;
  }
}
for (const made of VARIABLES) await note(made);

const untilMs = performance.now() + SEARCH_SECONDS * 1000;
const candidates = fc.sample(requestsOver(schema), { numRuns: 3_000, seed: 11 });
let worst = { ms: 0, made: undefined as Made | undefined };
for (const request of candidates) {
  if (performance.now() > untilMs) break;
  const made = { name: 'found by search', ...request };
  const { ms } = await costOf(network.gateway, '/graphql', made);
  if (ms > worst.ms) worst = { ms, made };
}
if (worst.made !== undefined) await note(worst.made);

found.sort((a, b) => b.ms - a.ms);
for (const { name, ms, code } of found) {
  process.stdout.write(`${ms.toFixed(0).padStart(6)} ms  ${code.padEnd(18)} ${name}\n`);
}
const costliest = found[0]?.ms ?? 0;
process.stdout.write(`the costliest: ${costliest.toFixed(0)} ms of ${MAX_MS} ms\n`);
process.exitCode = costliest > MAX_MS ? 1 : 0;
await network.stop();
process.exit();
