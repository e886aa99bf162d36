import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Bundle } from '@medplum/fhirtypes';
import { toInstitutionId } from '../../src/core/ids.js';
import { generateHospitals } from '../../src/records/seed/hospitals.js';
import { seedLots } from '../../src/supply/seed.js';

const SEED = 7;
const NOW_MS = Date.UTC(2026, 10, 1);

/** Resources as a bulk export has them, one JSON text each: as many as are asked for. */
export function* seededLines(count: number): Generator<string> {
  const charts = generateHospitals({
    seed: SEED,
    people: count,
    sharedFraction: 0,
    now: NOW_MS,
    hospitals: [toInstitutionId('riverside-hospital')],
    lots: seedLots({ seed: SEED, nowMs: NOW_MS }),
  });
  let left = count;
  for (const { bundle } of charts) {
    for (const line of linesOfBundle(bundle)) {
      if (left === 0) return;
      left -= 1;
      yield line;
    }
  }
}

/** Writes them to a file, a line each. @returns its bytes. */
export async function writeSeededLines(path: string, count: number): Promise<number> {
  const file = createWriteStream(path);
  let bytes = 0;
  for (const line of seededLines(count)) {
    bytes += Buffer.byteLength(line) + 1;
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return bytes;
}

/** A bulk export refers by Type/id, where the bundle refers by urn:uuid. */
function linesOfBundle({ entry = [] }: Bundle): readonly string[] {
  const names = new Map(
    entry.map(({ fullUrl, resource }) => [fullUrl, `${resource?.resourceType}/${resource?.id}`]),
  );
  return entry.map(({ resource }) =>
    JSON.stringify(resource, (key, value) =>
      key === 'reference' ? (names.get(value as string) ?? value) : value,
    ),
  );
}
