import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.js';
import type { ImportReport } from '../../core/import/import-report.js';
import { readJsonFile } from '../../core/import/json-file.js';
import { reportLinesOf, summaryOf } from '../import/lines.js';
import { importStandard, type Standard } from '../import/standard.js';
import { HELIX, NORTHWIND, PILOT_NAMES, RIVERSIDE } from './institutions.js';
import { databaseAt, type Membership } from './membership.js';

/** The pilot's institution that imports files of each standard. */
const TAKER = { fhir: RIVERSIDE, trials: NORTHWIND, epcis: HELIX } as const;

/**
 * Imports every file below a folder whose content is FHIR, a registered trial or EPCIS, and reports
 * on each.
 *
 * @param say - prints a line.
 * @throws DomainError FILE_UNREADABLE if there is no such folder.
 */
export async function importRealData(
  memberships: readonly Membership[],
  folder: string,
  say: (lines: string) => void,
): Promise<void> {
  const reports: ImportReport[] = [];
  for (const path of await filesBelow(folder)) {
    const standard = await standardOf(path);
    if (standard === undefined) {
      say(`- ${path}: not FHIR JSON, a registered trial or EPCIS JSON`);
      continue;
    }
    const db = databaseAt(memberships, TAKER[standard]);
    const input = { standard, from: path, names: PILOT_NAMES };
    reports.push(
      ...(await importStandard(db, input, { onReport: (report) => say(reportLinesOf(report)) })),
    );
  }
  say(summaryOf(reports));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) return [folder];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', { folder }, cause);
  }
}

/** Decided by the content: names and extensions differ between exporters. */
async function standardOf(path: string): Promise<Standard | undefined> {
  if (/\.(ndjson|jsonl)(\.gz)?$/i.test(path)) return 'fhir';
  if (!/\.json(\.gz)?$/i.test(path)) return undefined;
  const json = await readJsonFile(path).catch(() => undefined);
  if (typeof json !== 'object' || json === null) return undefined;
  if ('resourceType' in json) return 'fhir';
  if ('protocolSection' in json || 'studies' in json || 'FullStudiesResponse' in json) {
    return 'trials';
  }
  return 'type' in json && /^(EPCIS(Query)?Document|[A-Z][a-z]+Event)$/.test(String(json.type))
    ? 'epcis'
    : undefined;
}
