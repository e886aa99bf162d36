import { DomainError } from '../core/errors.js';
import type { ImportReport } from '../core/import-report.js';
import type { Database } from '../store/database.js';
import { entriesOf, refusalOf } from './fhir-bundle.js';
import { inOrder, prepareEntries } from './fhir-import-prepare.js';
import { storePrepared } from './fhir-import-store.js';
import { countsOf, withoutRowOf } from './fhir-import-tally.js';
import { fhirValidator } from './fhir-validate.js';

/**
 * Imports a FHIR R4 bundle (transaction, batch, collection, searchset) or a single resource.
 *
 * Every resource is validated and stored whole, whatever its type. One that does not conform, or
 * is about a patient who is neither in the bundle nor stored, is refused by its place; the others
 * are taken, all in one SQL transaction. The same again changes nothing.
 *
 * @param source - what the report and the stored rows name as its origin: a file's name.
 */
export async function importBundle(
  db: Database,
  json: unknown,
  { source }: { readonly source: string },
): Promise<ImportReport> {
  try {
    const { resources, refused } = prepareEntries(entriesOf(json), await fhirValidator(), source);
    const stored = await db.transaction((tx) => storePrepared(tx, resources));
    return {
      file: source,
      taken: stored.taken,
      unchanged: stored.unchanged,
      ...withoutRowOf(countsOf(stored.withheldBy)),
      refused: inOrder([...refused, ...stored.waiting]).map(({ entry }) => entry),
    };
  } catch (failure) {
    if (!(failure instanceof DomainError) || failure.code !== 'FHIR_INVALID') throw failure;
    const refused = [refusalOf({ path: '', resource: undefined }, failure)];
    return { file: source, taken: 0, unchanged: 0, refused };
  }
}
