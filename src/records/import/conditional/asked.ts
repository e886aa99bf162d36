import { DomainError } from '../../../core/errors.js';
import { isKindName } from '../../kinds/kinds.js';
import type { ValidEntry } from '../bundle.js';
import { readConditionalUrl, readCriteria } from './criteria.js';
import type { Asked } from './matches.js';

/** Finds conditional references in canonical JSON, so that most resources need not be traversed. */
const REFERENCE = /"reference":("[A-Z][A-Za-z]{1,63}\?(?:[^"\\]|\\.)*")/g;

/**
 * Types, apart from those of rows, whose references are needed for subjects, labels and medicines.
 */
const LINKED_TYPES: ReadonlySet<string> = new Set(['Patient', 'Medication', 'ServiceRequest']);

/**
 * Whether a conditional reference to this type is looked up. A reference to a Practitioner or an
 * Organization is kept as written: nothing here follows it, and its target need not be stored.
 */
export function isFollowed(type: string): boolean {
  return LINKED_TYPES.has(type) || isKindName(type);
}

/** All searches that entries make in the stored resources; empty for nearly all imports. */
export function askedBy(entries: readonly ValidEntry[]): readonly Asked[] {
  return entries.flatMap((entry) => {
    const { text, name } = entry;
    return text.includes('?') ? [...ownOf(entry), ...askedIn(text, name.server)] : ownOf(entry);
  });
}

function ownOf({ name: { server }, resource, search }: ValidEntry): readonly Asked[] {
  if (search === undefined) return [];
  const own = { ...search.criteria, server };
  const { id } = resource;
  return search.kind === 'CREATE' && id !== undefined ? [{ ...own, brings: id }] : [own];
}

function askedIn(text: string, server: string): readonly Asked[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, quoted = '""']) => {
    const url = readConditionalUrl(JSON.parse(quoted) as string);
    if (url === undefined || !isFollowed(url.type)) return [];
    try {
      return [{ ...readCriteria(url, ''), server }];
    } catch (failure) {
      // The resource is refused later, when the reference is resolved.
      if (failure instanceof DomainError) return [];
      throw failure;
    }
  });
}
