import type { Patient } from '@medplum/fhirtypes';
import { labelBitsOfMeta } from '../labels/label.js';
import { SEXES } from '../model/model.js';

/** The parts of a Patient that may be released: nothing that names the person. */
export interface ParsedPatient {
  readonly sex: (typeof SEXES)[number] | null;
  readonly birthYear: number | null;
  readonly labels: number;
}

/** @param withheldBy - a modifier that is not understood; with one, no demographics are kept. */
export function parsePatient(resource: Patient, withheldBy?: string): ParsedPatient {
  const labels = labelBitsOfMeta(resource.meta);
  if (withheldBy !== undefined) return { sex: null, birthYear: null, labels };
  return {
    sex: SEXES.find((sex) => sex === resource.gender?.toUpperCase()) ?? null,
    birthYear: resource.birthDate === undefined ? null : Number(resource.birthDate.slice(0, 4)),
    labels,
  };
}
