import { createReadStream } from 'node:fs';
import { parseJson } from '../../src/core/json-file.js';
import { prepareLines } from '../../src/records/fhir-import-prepare.js';
import { fhirValidator } from '../../src/records/fhir-validate.js';
import { linesOf } from '../../src/records/lines.js';

/** Microseconds of one thread's time for a resource. */
export interface Stages {
  readonly readUs: number;
  readonly parseUs: number;
  readonly validateUs: number;
  /** Hash, references, and the rows of the tables as JSON. */
  readonly rowsUs: number;
}

/** What an import does before it stores, one stage after another in this thread. */
export async function measureStages(path: string): Promise<Stages> {
  const requireValid: (resource: unknown) => void = await fhirValidator();
  const lines: { number: number; text: string }[] = [];
  const perResource = (fromMs: number) => ((performance.now() - fromMs) * 1000) / lines.length;
  let fromMs = performance.now();
  for await (const line of linesOf(createReadStream(path))) {
    if ('text' in line) lines.push(line);
  }
  const readUs = perResource(fromMs);
  fromMs = performance.now();
  const parsed = lines.map(({ text }) => parseJson(text));
  const parseUs = perResource(fromMs);
  fromMs = performance.now();
  for (const resource of parsed) requireValid(resource);
  const validateUs = perResource(fromMs);
  fromMs = performance.now();
  prepareLines(lines, () => undefined, 'bench.ndjson');
  const rowsUs = perResource(fromMs) - parseUs;
  return { readUs, parseUs, validateUs, rowsUs };
}
