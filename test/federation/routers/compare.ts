import { type GraphQLSchema, parse } from 'graphql';
import { differenceOf } from '../differential/difference.js';
import { EXCUSES } from '../differential/excuses.js';
import type { Answered } from '../differential/two-gateways.js';

/** Where two answers differ without one of the reasons that the second implementation knows. */
export function unexcused(
  { api, query }: { readonly api: GraphQLSchema; readonly query: string },
  ours: Answered,
  theirs: Answered,
): string | undefined {
  const difference = differenceOf(ours, theirs);
  if (difference === undefined) return undefined;
  const both = { api, operation: { document: parse(query), variables: {} }, ours, theirs };
  return EXCUSES.some(({ applies }) => applies(both)) ? undefined : difference;
}
