import { importDocuments } from '../core/import/import-documents.js';
import type { ImportFrom } from '../core/import/import-files.js';
import {
  type ImportReport,
  jsonPath,
  NO_ENDS,
  type RefusedEntry,
} from '../core/import/import-report.js';
import type { Database } from '../store/database.js';
import { parseEpcisDocument } from './epcis.js';
import type { CapturedEvent } from './model.js';
import { findStored, storeCapture } from './store-events.js';

/**
 * Captures the events of one EPCIS 2.0 document, in one transaction. An event is taken or refused
 * on its own; the same again is no change, and a declaration that a stored event is in error is
 * noted on it.
 *
 * @throws DomainError EPCIS_INVALID if `json` is no EPCIS document at all.
 */
export async function importEpcis(
  db: Database,
  json: unknown,
  { file }: { readonly file: string },
): Promise<ImportReport> {
  const { events: readings, products, refused: strange } = parseEpcisDocument(json);
  const refused = readings.flatMap((one) => ('refused' in one ? [one.refused] : []));
  const placed = readings.flatMap((one) => ('event' in one ? [one] : []));
  return db.transaction(async (tx) => {
    const stored = await findStored(
      tx,
      placed.map(({ event }) => event.eventId),
    );
    const sorted = sortOut(placed, stored);
    await storeCapture(tx, { ...sorted, products });
    return {
      ...NO_ENDS,
      file,
      taken: sorted.added.length + sorted.declared.length,
      unchanged: sorted.unchanged,
      refused: [...strange, ...refused, ...sorted.conflicts],
    };
  });
}

/**
 * Imports a file, or every file below a folder (core/import-files.ts says which). What cannot be read
 * is reported as refused, and the others go on.
 */
export async function importEpcisPath(
  db: Database,
  from: ImportFrom,
  onReport?: (report: ImportReport) => void,
): Promise<readonly ImportReport[]> {
  return importDocuments(from, (json, file) => importEpcis(db, json, { file }), onReport);
}

/** What an event with this id is known to be. */
interface Known {
  readonly contentHash: string;
  readonly declared: boolean;
}

/** Tells new events, declarations of error, known events and conflicts apart, in document order. */
function sortOut(
  placed: readonly { readonly event: CapturedEvent; readonly path: string }[],
  stored: ReadonlyMap<string, Known>,
) {
  const known = new Map(stored);
  const added: CapturedEvent[] = [];
  const declared: CapturedEvent[] = [];
  const conflicts: RefusedEntry[] = [];
  let unchanged = 0;
  for (const { event, path } of placed) {
    const before = known.get(event.eventId);
    const declares = event.declaredInErrorMs !== null;
    if (before === undefined) added.push(event);
    else if (before.contentHash !== event.contentHash) {
      conflicts.push({
        path: jsonPath(...(path === '' ? [] : [path]), 'eventID'),
        code: 'EPCIS_CONFLICT',
        detail: 'an event with this eventID but another content is stored',
      });
      continue;
    } else if (declares && !before.declared) declared.push(event);
    else unchanged += 1;
    known.set(event.eventId, {
      contentHash: event.contentHash,
      declared: declares || (before?.declared ?? false),
    });
  }
  return { added, declared, conflicts, unchanged };
}
