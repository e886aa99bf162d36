import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { DomainError } from '../core/errors.js';
import type { ImportReport, RefusedEntry } from '../core/import-report.js';
import type { Database, SqlTransaction } from '../store/database.js';
import { parseRecord } from './fhir.js';
import {
  type BundleEntry,
  entriesOf,
  refusalOf,
  type ValidEntry,
  validateEntries,
} from './fhir-bundle.js';
import { parsePatient } from './fhir-patient.js';
import { namesByFullUrl, resolveReferences, subjectOf } from './fhir-reference.js';
import {
  type StorableResource,
  storedHashes,
  storedPatients,
  storeResources,
} from './fhir-store.js';
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
    return await importEntries(db, entriesOf(json), source);
  } catch (failure) {
    if (!(failure instanceof DomainError) || failure.code !== 'FHIR_INVALID') throw failure;
    const refused = [refusalOf({ path: '', resource: undefined }, failure)];
    return { file: source, taken: 0, unchanged: 0, refused };
  }
}

/** Imports resources that belong together: they may refer to each other by fullUrl. */
export async function importEntries(
  db: Database,
  entries: readonly BundleEntry[],
  source: string,
): Promise<ImportReport> {
  const { valid, refused } = validateEntries(entries, await fhirValidator());
  const { storable, unparsable } = toStorable(valid, source);
  const stored = await db.transaction((tx) => store(tx, storable));
  return {
    file: source,
    taken: stored.taken,
    unchanged: stored.unchanged,
    refused: [...refused, ...unparsable, ...stored.refused],
  };
}

type Located = Omit<StorableResource, 'replaces'> & Pick<ValidEntry, 'path'>;

function toStorable(valid: readonly ValidEntry[], source: string) {
  const names = namesByFullUrl(valid);
  const storable: Located[] = [];
  const unparsable: RefusedEntry[] = [];
  for (const entry of valid) {
    try {
      storable.push(storableOf(entry, names, source));
    } catch (failure) {
      unparsable.push(refusalOf(entry, failure));
    }
  }
  return { storable, unparsable };
}

function storableOf(
  { path, type, id, resource }: ValidEntry,
  names: ReadonlyMap<string, string>,
  source: string,
): Located {
  const json = { ...resolveReferences(resource, names), id };
  const subject = subjectOf(json);
  if (subject.kind === 'unresolvable') throw unresolved();
  return {
    path,
    type,
    id,
    patientId: subject.kind === 'patient' ? subject.id : null,
    source,
    hash: sha256Hex(canonicalJson(json)),
    json,
    record: parseRecord(json),
    patient: json.resourceType === 'Patient' ? parsePatient(json) : undefined,
  };
}

async function store(tx: SqlTransaction, resources: readonly Located[]) {
  const present = new Set(resources.flatMap(({ patient, id }) => (patient ? [id] : [])));
  const asked = resources.flatMap(({ patientId }) =>
    patientId !== null && !present.has(patientId) ? [patientId] : [],
  );
  const known = await storedPatients(tx, [...new Set(asked)]);
  const refused: RefusedEntry[] = [];
  const placed = resources.filter((resource) => {
    const { patientId } = resource;
    if (patientId === null || present.has(patientId) || known.has(patientId)) return true;
    refused.push(refusalOf({ path: resource.path, resource: resource.json }, unresolved()));
    return false;
  });
  const hashes = await storedHashes(tx, placed);
  const changed = placed.flatMap((resource) => {
    const stored = hashes.get(`${resource.type}/${resource.id}`);
    return stored === resource.hash ? [] : [{ ...resource, replaces: stored !== undefined }];
  });
  await storeResources(tx, changed);
  return { taken: changed.length, unchanged: placed.length - changed.length, refused };
}

function unresolved(): DomainError {
  return new DomainError('FHIR_REFERENCE_UNRESOLVED', {
    detail: 'its subject is neither in the input nor stored',
  });
}
