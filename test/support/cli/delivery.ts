import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { condition, patient } from '../records/clinic.js';
import { commissioning, epcisDocument } from '../supply/documents.js';
import { v2Study } from '../trials/studies.js';

export const linesOf = (...resources: readonly object[]) =>
  resources.map((one) => `${JSON.stringify(one)}\n`).join('');

const versioned = (resource: object, versionId: string) => ({ ...resource, meta: { versionId } });
const replacedBy = (id: string, by: string) => ({
  ...patient(id),
  active: false,
  link: [{ other: { reference: `Patient/${by}` }, type: 'replaced-by' }],
});
const deletion = (...urls: readonly string[]) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: urls.map((url) => ({ request: { method: 'DELETE', url } })),
});

/** What a database holds before. */
export const BEFORE: Readonly<Record<string, string>> = {
  'Patient.ndjson': linesOf(patient('ana'), patient('ben'), patient('cyd')),
  'Condition.ndjson': linesOf(
    condition('c1', 'ana'),
    versioned(condition('c2', 'ana'), '3'),
    condition('c3', 'ben'),
    condition('c4', 'cyd'),
  ),
};

/** Each kind of end that an entry has, and files that depend on what others of them did. */
export const DELIVERY: Readonly<Record<string, string>> = {
  'a-first.ndjson': linesOf(
    patient('ana'),
    patient('dov'),
    condition('c1', 'ana'),
    { ...condition('c1', 'ana'), recordedDate: '2020-02-03' },
    versioned(condition('c2', 'ana'), '2'),
    { ...versioned(condition('c2', 'ana'), '3'), recordedDate: '2021-01-01' },
    condition('c5', 'eve'),
    condition('c6', 'nobody'),
    { resourceType: 'Spaceship', id: 'x' },
    { resourceType: 'Basic', id: 'b', code: { text: 'a' } },
  ),
  'b-deletes.ndjson': linesOf(
    deletion('Condition/c3', 'Condition/none', 'Patient/cyd'),
    condition('c3', 'ben'),
    condition('c4', 'cyd'),
    patient('eve'),
  ),
  'c-merges.json': JSON.stringify(replacedBy('ben', 'dov')),
  'd-again.ndjson': linesOf(condition('c7', 'ben'), patient('cyd'), condition('c4', 'cyd')),
  'e-broken.json': '{"resourceType":',
  'notes.txt': 'nothing of this is read',
};

export const TRIALS: Readonly<Record<string, string>> = {
  'a.json': JSON.stringify(v2Study('NCT00000001')),
  'b.json': JSON.stringify(v2Study('NCT00000001')),
  'c.json': JSON.stringify(v2Study('NCT00000002')),
  'd.json': '{"protocolSection":7}',
};

export const EPCIS: Readonly<Record<string, string>> = {
  'a.json': JSON.stringify(epcisDocument([commissioning()])),
  'b.json': JSON.stringify(epcisDocument([commissioning(), { type: 'none' }])),
};

export async function layFiles(folder: string, files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
