import type { SqlTransaction } from '../store/database.js';
import { SettledWords } from './code-display.js';
import { type Refusal, refusalOf } from './fhir-bundle.js';
import { type PreparedResource, unresolved } from './fhir-import-prepare.js';
import { type PlacedRows, storedHashes, storedPatients, storeResources } from './fhir-store.js';

/** What became of prepared resources: each is in exactly one of the three. */
export interface Stored {
  readonly taken: number;
  readonly unchanged: number;
  /** Those whose patient is neither among them nor stored. */
  readonly waiting: readonly Refusal[];
  /** Of those taken or unchanged, the elements that keep them from being rows, one for each. */
  readonly withheldBy: readonly string[];
}

/**
 * Stores resources whose patient is known, those that are stored just so excepted. Of two under one
 * id the later one stays, as it would in two files.
 */
export async function storePrepared(
  tx: SqlTransaction,
  resources: readonly PreparedResource[],
  settled = new SettledWords(),
): Promise<Stored> {
  const { placed, waiting } = await placeResources(tx, resources);
  const stored = await storedHashes(tx, placed);
  const hashes = new Map(stored);
  const changed = new Map<string, PlacedRows>();
  let taken = 0;
  for (const resource of placed) {
    const key = `${resource.type}/${resource.id}`;
    if (hashes.get(key) === resource.hash) continue;
    hashes.set(key, resource.hash);
    changed.set(key, { ...resource, replaces: stored.has(key) });
    taken += 1;
  }
  await storeResources(tx, [...changed.values()], settled);
  const withheldBy = placed.flatMap((one) => one.withheldBy ?? []);
  return { taken, unchanged: placed.length - taken, waiting, withheldBy };
}

async function placeResources(tx: SqlTransaction, resources: readonly PreparedResource[]) {
  const present = new Set(
    resources.flatMap(({ patient, id }) => (patient === undefined ? [] : [id])),
  );
  const asked = new Set<string>();
  for (const { patientId } of resources) {
    if (patientId !== null && !present.has(patientId)) asked.add(patientId);
  }
  const known = await storedPatients(tx, [...asked]);
  const placed: PreparedResource[] = [];
  const waiting: Refusal[] = [];
  for (const resource of resources) {
    const { patientId, order, path, type, id } = resource;
    if (patientId === null || present.has(patientId) || known.has(patientId)) {
      placed.push(resource);
    } else {
      const named = { path, resource: { resourceType: type, id } };
      waiting.push({ order, entry: refusalOf(named, unresolved()) });
    }
  }
  return { placed, waiting };
}
