import type { Patient } from '@medplum/fhirtypes';
import {
  isId,
  type PatientName,
  readName,
  type Server,
  UNNAMED_SERVER,
  uuidOf,
} from '../../identity/server.js';

/** A merge of two records of a patient, as stated by one of them. */
export interface PatientLink {
  /** `replaced-by`: the other record survives; `replaces`: this one does. */
  readonly type: 'replaced-by' | 'replaces';
  readonly other: PatientName;
}

export type PatientLinks = readonly PatientLink[];

/**
 * The links of a Patient (references resolved) that say which record survives. `refer` and
 * `seealso` only say that two records may be read together.
 *
 * @source R4 valueset-link-type.html
 */
export function patientLinksOf(
  { link = [] }: Patient,
  { server, longIds }: { readonly server: Server; readonly longIds: boolean },
): PatientLinks {
  return link.flatMap(({ type, other }) => {
    if (type !== 'replaced-by' && type !== 'replaces') return [];
    const { reference = '' } = other;
    const uuid = uuidOf(reference);
    const name =
      uuid === undefined
        ? readName(reference, UNNAMED_SERVER)
        : { server, type: 'Patient', id: uuid };
    if (name?.type !== 'Patient' || !isId(name.id, { longIds })) return [];
    return [{ type, other: { server: name.server, id: name.id } }];
  });
}
