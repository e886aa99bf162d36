/**
 * What the gateway costs: a query of three fetches (two domains and the entities between them)
 * through the router runtime in process, beside the same fields of a plain schema. No node is
 * asked, so the difference is the gateway's own work.
 *
 * Run: npx tsx bench/gateway.ts [seconds]
 */
import { execute, parse } from 'graphql';
import type { Subgraph } from '../src/federation/compose.js';
import { composeSubgraphs } from '../src/federation/compose.js';
import { networkSubgraph } from '../src/network/subgraph.js';
import {
  institution,
  networkOf,
  post,
  startGateway,
  startWidgetNode,
  widgetSubgraph,
} from '../test/federation/stand.js';

const SECONDS = Number(process.argv[2] ?? 5);
const CONNECTIONS = 10;
const INSTITUTIONS = ['lakeshore-hospital', 'riverside-hospital'].map((id) => institution(id, ''));

const page = {
  nodes: Array.from({ length: 20 }, (_, i) => ({ id: `w${i}` })),
  hasNextPage: false,
  cursorOf: ({ id }: { readonly id: string }) => id,
  sources: INSTITUTIONS.map(({ id }) => ({ institution: id, status: 'OK' as const, latencyMs: 1 })),
};
const subgraphs: readonly Subgraph[] = [
  { name: 'network', schema: networkSubgraph(networkOf(INSTITUTIONS)) },
  { name: 'trials', schema: widgetSubgraph({ list: async () => page }) },
];
const [network, trials] = subgraphs.map(({ schema }) => schema);
const FETCHES =
  '{ network { epoch } widgets { nodes { id } sources { status institution { id name } } } }';
const PLAIN = parse('{ widgets { nodes { id } sources { status institution { id } } } }');
const NETWORK = parse('{ network { epoch institutions { id name } } }');

/** Requests a second, `CONNECTIONS` at a time. */
async function measure(what: string, once: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 200; i++) await once(i);
  const untilMs = performance.now() + SECONDS * 1000;
  let done = 0;
  const connection = async () => {
    while (performance.now() < untilMs) await once(done++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  process.stdout.write(`${what.padEnd(44)} ${Math.round(done / SECONDS)} req/s\n`);
}

const node = await startWidgetNode();
const app = await startGateway(INSTITUTIONS, { subgraphs });
const startMs = performance.now();
await composeSubgraphs(subgraphs);
process.stdout.write(`composing: ${Math.round(performance.now() - startMs)} ms\n`);

const context = { opened: { token: undefined, requestId: '' }, requestId: '' };
await measure('plain schemas, executed one after the other', async () => {
  if (network === undefined || trials === undefined) return;
  await execute({ schema: trials, document: PLAIN, contextValue: context });
  await execute({ schema: network, document: NETWORK, contextValue: context });
});
const direct = '{ widgets { nodes { id } sources { status institution { id } } } }';
await measure('one subgraph served by itself, one document', () =>
  post(node.app, direct, {}, '/trials'),
);
await measure('gateway, one document', () => post(app, FETCHES));
await measure('gateway, a new document each time', (i) =>
  post(app, FETCHES.replace('{', `query Q${i} {`)),
);
await Promise.all([app.close(), node.app.close()]);
