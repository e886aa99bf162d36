import { DomainError } from '../../core/errors.js';
import { type ImportReport, NO_ENDS, sumOfEnds } from '../../core/import/import-report.js';
import type { Database } from '../../store/database.js';
import { UNNAMED_SERVER } from '../identity/server.js';
import { entriesOf, type Origin, refusedResource } from './bundle.js';
import { storedMatches } from './conditional/matches.js';
import { inOrder, prepare, validateTogether } from './prepare.js';
import { NONE_STORED, type Stored, storePrepared } from './store.js';
import { countsOf, notedOf, withoutRowOf } from './tally.js';
import { fhirValidator } from './validate.js';
import { type DeletionsOfFile, DeletionsOfImport } from './version/deletions-of-import.js';
import type { Waiting } from './version/store-segment.js';

/**
 * Imports a FHIR R4 bundle (document, message, transaction, batch, history, searchset, collection) or a single resource.
 *
 * Every resource is validated and stored in full, whatever its type. One that does not conform, or
 * is about a patient who is neither in the bundle nor stored, is refused and listed by its path.
 * The others are stored in one SQL transaction. Importing the same bundle again changes nothing.
 *
 * @param origin.server - the server of resources that do not name one; by default the unnamed
 *   server.
 */
export async function importBundle(
  db: Database,
  json: unknown,
  origin: Partial<Origin> & Pick<Origin, 'source'>,
): Promise<ImportReport> {
  const whole = { server: UNNAMED_SERVER, longIds: false, ...origin };
  const { waiting, ...taken } = await takeBundle(db, json, whole);
  return reportOfBundle(whole.source, { ...taken, refused: [...taken.refused, ...waiting] });
}

/**
 * The result of storing a bundle's entries. Those that wait are refused if their patient does not
 * arrive.
 */
export interface TakenBundle extends Stored {
  readonly waiting: readonly Waiting[];
}

/** Options for a bundle that is one file of an import. */
export interface PartOfImport {
  readonly deletions: DeletionsOfFile;
  /** The paths of the entries that had to wait; the others are already done. */
  readonly only?: ReadonlySet<string> | undefined;
  /** It was taken before, in another delivery. */
  readonly isAgain?: boolean;
}

/** Stores a bundle's entries in one SQL transaction. */
export async function takeBundle(
  db: Database,
  json: unknown,
  origin: Origin,
  { deletions, only, isAgain = false }: PartOfImport = {
    deletions: new DeletionsOfImport().ofNextFile(),
  },
): Promise<TakenBundle> {
  try {
    const validated = validateTogether(entriesOf(json), await fhirValidator(), origin);
    const { asked } = validated;
    // Entries without searches are parsed before the transaction begins.
    const plain = asked.length === 0 ? prepare(validated, origin) : undefined;
    const late = { isLate: isAgain ? ('AGAIN' as const) : true, isGone: deletions.isGone };
    const how = only === undefined && !isAgain ? {} : late;
    const { prepared, entries, stored } = await db.transaction(async (tx) => {
      const all = plain ?? prepare(validated, origin, await storedMatches(tx, asked));
      const wanted = all.entries.filter(({ path }) => only?.has(path) ?? true);
      return { prepared: all, entries: wanted, stored: await storePrepared(tx, wanted, how) };
    });
    if (only === undefined && !isAgain) deletions.note(entries, stored.waiting.length > 0);
    const refused = only === undefined ? prepared.refused : [];
    return { ...stored, refused: [...refused, ...stored.refused] };
  } catch (failure) {
    if (!(failure instanceof DomainError) || failure.code !== 'FHIR_INVALID') throw failure;
    const entry = refusedResource({ path: '', resource: undefined }, failure);
    return { ...NONE_STORED, refused: [{ order: 0, entry }] };
  }
}

export function reportOfBundle(
  file: string,
  { refused, withheldBy, noted, localCodes, ...ends }: Omit<Stored, 'waiting'>,
): ImportReport {
  const entries = inOrder(refused).map(({ entry }) => entry);
  const counts = sumOfEnds(NO_ENDS, ends);
  return {
    file,
    ...counts,
    ...withoutRowOf(countsOf(withheldBy)),
    ...notedOf(countsOf(noted)),
    ...(localCodes === 0 ? {} : { localCodes }),
    refused: entries,
  };
}
