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
 * Captures the events of one EPCIS 2.0 document, in one transaction. Each event is stored or
 * refused individually. Importing the same event again changes nothing, and an error declaration is
 * recorded on the stored event.
 *
 * @throws DomainError EPCIS_INVALID if `json` is not an EPCIS document at all.
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
 * Imports a file, or every file below a folder (core/import/import-files.ts says which). A file that
 * cannot be read is reported as refused; the others are still imported.
 */
export async function importEpcisPath(
  db: Database,
  from: ImportFrom,
  onReport?: (report: ImportReport) => void,
): Promise<readonly ImportReport[]> {
  return importDocuments(from, (json, file) => importEpcis(db, json, { file }), onReport);
}

/** What is stored of an event with this id. */
interface Known {
  readonly contentHash: string;
  readonly declared: boolean;
}

/** Sorts events into new ones, error declarations, known ones and conflicts, in document order. */
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
        detail: 'an event with this eventID but different content is stored',
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
