import { DomainError } from '../core/errors.js';
import { type ImportReport, NO_ENDS } from '../core/import-report.js';
import type { Database } from '../store/database.js';
import { entriesOf, type Origin, refusalOf } from './fhir-bundle.js';
import { inOrder, prepareEntries } from './fhir-import-prepare.js';
import { storePrepared } from './fhir-import-store.js';
import { countsOf, withoutRowOf } from './fhir-import-tally.js';
import { fhirValidator } from './fhir-validate.js';
import { UNNAMED_SERVER } from './identity/server.js';

/**
 * Imports a FHIR R4 bundle (transaction, batch, collection, searchset) or a single resource.
 *
 * Every resource is validated and stored whole, whatever its type. One that does not conform, or
 * is about a patient who is neither in the bundle nor stored, is refused by its place; the others
 * are taken, all in one SQL transaction. The same again changes nothing.
 *
 * @param origin.server - whose ids it has where it does not say; by default the unnamed server's.
 */
export async function importBundle(
  db: Database,
  json: unknown,
  { source, server = UNNAMED_SERVER, longIds = false }: Partial<Origin> & Pick<Origin, 'source'>,
): Promise<ImportReport> {
  try {
    const origin = { source, server, longIds };
    const prepared = prepareEntries(entriesOf(json), await fhirValidator(), origin);
    const stored = await db.transaction((tx) => storePrepared(tx, prepared.entries));
    const { waiting, refused, withheldBy, localCodes, ...ends } = stored;
    const all = inOrder([...prepared.refused, ...refused, ...waiting]);
    const told = {
      ...{ ...ends, ...withoutRowOf(countsOf(withheldBy)) },
      ...(localCodes === 0 ? {} : { localCodes }),
    };
    return { file: source, ...told, refused: all.map(({ entry }) => entry) };
  } catch (failure) {
    if (!(failure instanceof DomainError) || failure.code !== 'FHIR_INVALID') throw failure;
    const refused = [refusalOf({ path: '', resource: undefined }, failure)];
    return { ...NO_ENDS, file: source, refused };
  }
}
