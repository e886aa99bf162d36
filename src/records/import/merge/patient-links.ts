import type { Patient } from '@medplum/fhirtypes';
import {
  isId,
  type PatientName,
  readName,
  type Server,
  UNNAMED_SERVER,
  uuidOf,
} from '../../identity/server.js';

/** That one record of a patient was merged into another, as one of the two says. */
export interface PatientLink {
  /** `replaced-by`: the other survives; `replaces`: this one does. */
  readonly type: 'replaced-by' | 'replaces';
  readonly other: PatientName;
}

export type PatientLinks = readonly PatientLink[];

/**
 * The links of a Patient, its references resolved, that say who survives. `refer` and `seealso` say
 * that two records may be read together, not that they are one.
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
