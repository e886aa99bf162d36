import { type GraphQLSchema, getOperationAST, print } from 'graphql';
import { faultsOf } from '../valid-answer/faults.js';
import { differenceOf } from './difference.js';
import { type Both, EXCUSES, ODD_NAME } from './excuses.js';
import { hasOddName, withOddNames, withoutOddNames } from './odd-names.js';
import { type Operation, operationOf } from './operations.js';
import { shrink } from './shrink.js';
import type { Answered, TwoGateways } from './two-gateways.js';

/** What came of many operations. */
export interface Outcome {
  /** Reports of operations that are answered in two ways, or in one that the schema does not allow. */
  readonly reports: readonly string[];
  readonly differing: number;
  /** How often each excuse was needed. */
  readonly excused: ReadonlyMap<string, number>;
  /** Operations that had an answer with rows in it. */
  readonly answered: number;
  /** Types that answers named. */
  readonly types: ReadonlySet<string>;
}

/** Shrinking asks some hundred times, so only the first are shrunk. */
const MAX_REPORTS = 3;

/** Has both gateways answer the operations of as many seeds. */
export async function compareGateways(
  gateways: TwoGateways,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<Outcome> {
  const excused = new Map<string, number>();
  const reports: string[] = [];
  const types = new Set<string>();
  let [differing, answered] = [0, 0];
  for (let seed = first; seed < first + count; seed += 1) {
    const operation = operationOf(gateways.api, seed);
    const { difference, excuse, ours } = await compare(gateways, operation, seed);
    if (excuse !== undefined) excused.set(excuse, (excused.get(excuse) ?? 0) + 1);
    noteTypes(ours.data, types);
    if (Object.values(ours.data ?? {}).some((value) => value !== null)) answered += 1;
    if (difference === undefined) continue;
    differing += 1;
    if (reports.length < MAX_REPORTS) reports.push(await report(gateways, operation, seed));
  }
  return { reports, differing, excused, answered, types };
}

interface Compared {
  readonly difference: string | undefined;
  readonly excuse?: string | undefined;
  readonly ours: Answered;
  readonly theirs: Answered;
}

async function compare(
  gateways: TwoGateways,
  operation: Operation,
  seed: number,
): Promise<Compared> {
  const ours = await gateways.ours(operation, seed);
  const theirs = await gateways.theirs(operation, seed);
  const [fault] = faultsIn(gateways.api, operation, ours);
  if (fault !== undefined)
    return { difference: `not as the schema allows: ${fault}`, ours, theirs };
  const compared = judge({ api: gateways.api, operation, ours, theirs });
  if (compared.difference === undefined || !hasOddName(operation)) return compared;
  const plainly = await gateways.theirs(withoutOddNames(operation), seed);
  const both = { api: gateways.api, operation, ours, theirs: withOddNames(plainly) };
  const again = judge(both);
  return { ...again, excuse: again.excuse ?? ODD_NAME.name };
}

function judge(both: Both): Compared {
  const { ours, theirs } = both;
  const difference = differenceOf(ours, theirs);
  if (difference === undefined) return { difference, ours, theirs };
  const excuse = EXCUSES.find(({ applies }) => applies(both))?.name;
  return { difference: excuse === undefined ? difference : undefined, excuse, ours, theirs };
}

function faultsIn(schema: GraphQLSchema, { document, variables }: Operation, answer: Answered) {
  const operation = getOperationAST(document);
  if (!operation) throw new Error('one operation');
  return faultsOf({ schema, document, operation, variables, answer });
}

async function report(gateways: TwoGateways, operation: Operation, seed: number): Promise<string> {
  const differs = async (smaller: Operation) =>
    (await compare(gateways, smaller, seed)).difference !== undefined;
  const smallest = await shrink(gateways.api, operation, differs);
  const { difference, ours, theirs } = await compare(gateways, smallest, seed);
  return [
    `seed ${seed}: ${difference ?? 'only once: it depends on what was asked before'}`,
    print(smallest.document),
    `variables ${JSON.stringify(smallest.variables)}`,
    `ours   ${JSON.stringify(ours).slice(0, 1_000)}`,
    `theirs ${JSON.stringify(theirs).slice(0, 1_000)}`,
  ].join('\n');
}

/** The types that an answer says it has, wherever it was asked for them. */
function noteTypes(value: unknown, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const { __typename: name } = value as { readonly __typename?: unknown };
  if (typeof name === 'string') into.add(name);
  for (const one of Object.values(value)) noteTypes(one, into);
}
