import type { Pseudonym, StudyId } from '../../core/ids.js';
import { parseBoundedJson } from '../../core/import/json-bounds.js';

/**
 * Ids that are unique over all types, because caches keep objects by their id alone: two types of one
 * id would be one object there. Clients take them as they are and read nothing from them.
 *
 * They begin with a character that neither an institution's id nor a registry's does, so none is ever
 * taken for one of those.
 */
const MARK = '_';

/** Characters of the longest id: a participant's has a study's and a pseudonym in it. */
const MAX_ID = 512;

/** What an id was made of: a type, and what leads to one object of it. */
export interface Identified {
  readonly type: string;
  readonly key: readonly string[];
}

function encodeId(type: string, ...key: readonly string[]): string {
  return MARK + Buffer.from(JSON.stringify([type, ...key])).toString('base64url');
}

/**
 * What an id was made of; undefined for what was not made here. Of several texts that decode alike
 * only one is an id: an object has one.
 */
export function decodeId(id: string): Identified | undefined {
  if (!id.startsWith(MARK) || id.length > MAX_ID) return undefined;
  const parts = partsOf(Buffer.from(id.slice(MARK.length), 'base64url'));
  const [type, ...key] = parts ?? [];
  if (type === undefined || encodeId(type, ...key) !== id) return undefined;
  return { type, key };
}

function partsOf(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const parts = parseBoundedJson(bytes, { maxDepth: 1, maxValues: 8 });
    const isWhole = Array.isArray(parts) && parts.every((part) => typeof part === 'string');
    return isWhole ? parts : undefined;
  } catch {
    return undefined;
  }
}

/** A study's own registry id is that of its trial too, and has the form of an institution's. */
export function idOfStudy(study: StudyId): string {
  return encodeId('Study', study);
}

/** @param of - the study is in it: a participant is looked for in that study's list alone. */
export function idOfParticipant(of: {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
}): string {
  return encodeId('Participant', of.study, of.pseudonym);
}

export function idOfLot({ gtin, lot }: { readonly gtin: string; readonly lot: string }): string {
  return encodeId('Lot', gtin, lot);
}

/** Nothing finds a disclosure by it: custodians number their own alike, and caches must not mix them up. */
export function idOfDisclosure(of: { readonly custodian: string; readonly id: number }): string {
  return encodeId('Disclosure', of.custodian, String(of.id));
}
