import { DomainError } from '../../../core/errors.js';
import { nameKey, type ResourceName } from '../../identity/server.js';
import {
  type RefusedResource,
  refusedResource,
  type SortedEntries,
  type ValidEntry,
} from '../bundle.js';
import { identifiersOf } from './identifiers.js';
import {
  type Asked,
  askedKey,
  broughtKey,
  keyOf,
  NOTHING_STORED,
  type StoredMatches,
} from './matches.js';

/** Entries whose conditions are resolved. */
export interface SettledEntries {
  /** To be written, under their final names. */
  readonly written: readonly ValidEntry[];
  /** Conditional creates whose resource already exists, under its name: nothing is written. */
  readonly matched: readonly ValidEntry[];
  readonly refused: readonly RefusedResource[];
  /** New names of the entries that were renamed, by the nameKey of the old name. */
  readonly renamed: ReadonlyMap<string, ResourceName>;
  /** What meets criteria once everything is written. */
  readonly matches: Matches;
}

/** Finds what meets criteria, in the store or among the entries themselves. */
class Matches {
  private readonly written = new Set<string>();
  private readonly own = new Map<string, Map<string, ResourceName>>();

  /** @param gone - the resources that the entries delete. */
  constructor(
    private readonly stored: StoredMatches,
    gone: readonly ResourceName[],
  ) {
    for (const name of gone) this.written.add(nameKey(name));
  }

  write({ name, resource }: ValidEntry): void {
    this.written.add(nameKey(name));
    const { server, type } = name;
    for (const { system, value } of identifiersOf(resource)) {
      for (const key of [
        keyOf(server, type, system, value),
        keyOf(server, type, undefined, value),
      ]) {
        const known = this.own.get(key) ?? new Map<string, ResourceName>();
        this.own.set(key, known.set(nameKey(name), name));
      }
    }
  }

  isWritten(name: ResourceName): boolean {
    return this.written.has(nameKey(name));
  }

  /** @throws DomainError FHIR_CONDITION_FAILED if more than one resource meets the criteria. */
  one(asked: Asked, place: string): ResourceName | undefined {
    const key = askedKey(asked);
    const stored = (this.stored.get(key) ?? []).filter((name) => !this.isWritten(name));
    const [match, ...others] = [...(this.own.get(key)?.values() ?? []), ...stored];
    if (others.length === 0) return match;
    const detail = `${place}: more than one resource has the identifier`;
    throw new DomainError('FHIR_CONDITION_FAILED', { detail });
  }
}

/**
 * Resolves the conditions of entries that belong together. Entries without a condition come first,
 * wherever they are in the bundle, because conditions see the final state.
 *
 * @param stored - undefined if the entries search for nothing (askedBy).
 * @source R4 http.html#trules
 */
export function settle(
  { valid, deleted }: Pick<SortedEntries, 'valid' | 'deleted'>,
  stored: StoredMatches | undefined,
): SettledEntries {
  const gone = deleted.map(({ name }) => name);
  const matches = new Matches(stored ?? NOTHING_STORED, gone);
  const [written, matched, refused]: [ValidEntry[], ValidEntry[], RefusedResource[]] = [[], [], []];
  const renamed = new Map<string, ResourceName>();
  if (stored === undefined) return { written: valid, matched, refused, renamed, matches };
  for (const entry of valid) if (entry.search === undefined) matches.write(entry);
  for (const entry of valid) {
    try {
      const name = entry.search === undefined ? entry.name : meantBy(entry, matches);
      const isMatched = entry.search?.kind === 'CREATE' && name !== undefined;
      const settled = { ...entry, name: name ?? entry.name, creates: name === undefined };
      if (nameKey(settled.name) !== nameKey(entry.name)) {
        requireOwnId(entry, stored);
        renamed.set(nameKey(entry.name), settled.name);
      }
      if (entry.search !== undefined && !isMatched) matches.write(settled);
      (isMatched ? matched : written).push(settled);
    } catch (failure) {
      refused.push({ order: entry.order, entry: refusedResource(entry, failure) });
    }
  }
  return { written, matched, refused, renamed, matches };
}

/**
 * Requires that no other stored resource has the id in a matched create: a reference to that id would
 * otherwise be taken for one to the match.
 *
 * @throws DomainError FHIR_CONDITION_FAILED
 */
function requireOwnId({ name }: ValidEntry, stored: StoredMatches): void {
  if (!stored.has(broughtKey(name))) return;
  const detail = 'request.ifNoneExist means another resource than the one that has its id here';
  throw new DomainError('FHIR_CONDITION_FAILED', { detail });
}

/**
 * The resource that an entry's criteria find; undefined if there is none, so that the entry creates
 * one.
 */
function meantBy({ search, name, resource }: ValidEntry, matches: Matches) {
  if (search === undefined) return name;
  const asked = { ...search.criteria, server: name.server };
  const isUpdate = search.kind === 'UPDATE';
  const place = isUpdate ? 'request.url of a PUT' : 'request.ifNoneExist';
  const match = matches.one(asked, place);
  if (match === undefined || !isUpdate) return match;
  if (matches.isWritten(match)) {
    throw new DomainError('FHIR_INVALID', {
      detail: `${place} finds a resource that another entry writes`,
    });
  }
  if (resource.id !== undefined && resource.id !== match.id) {
    const detail = `${place} finds a resource with another id than the one in the entry`;
    throw new DomainError('FHIR_INVALID', { detail });
  }
  return match;
}
