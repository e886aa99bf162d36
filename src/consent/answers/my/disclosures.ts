import type { SourceState } from '../../../graph/ask.js';
import type { Page } from '../../../graph/federated.js';
import { cursorOfRelease, type ReleasePlace } from '../../disclosures/release-place.js';
import type { OwnConsent, OwnDisclosure } from './model.js';

export function placeOf({ record, custodian, id }: OwnDisclosure): ReleasePlace {
  return { at: record.at, custodian, id };
}

/** One page, newest first. */
export function pageOf(
  { rows, hasNextPage }: { readonly rows: readonly OwnDisclosure[]; readonly hasNextPage: boolean },
  sources: readonly SourceState[],
): Page<OwnDisclosure> {
  return { nodes: rows, hasNextPage, cursorOf: (row) => cursorOfRelease(placeOf(row)), sources };
}

/**
 * Whom a handle's consent names. A custodian that did not register the consent knows its handle
 * alone: proofs say who may use it to nobody.
 */
export function requesterUnder(
  consents: readonly OwnConsent[],
  custodian: string,
): (handle: string) => string | null {
  const named = new Map<string, string>();
  // What an institution says of its own releases counts before what another says of them.
  const lastWins = [...consents].sort(
    (a, b) => Number(a.institution === custodian) - Number(b.institution === custodian),
  );
  for (const { handle, requester } of lastWins) named.set(handle, requester);
  return (handle) => named.get(handle) ?? null;
}
