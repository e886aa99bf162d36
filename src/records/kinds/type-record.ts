import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { DATE_NULL } from '../model/elements.js';
import type { ClinicalRecord } from '../model/model.js';
import { addConceptTypes } from './type-concept.js';
import { addDosageType } from './type-dosage.js';

/** Adds Record, the fields that every participant-level row has. */
function addRecordInterface<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: FederatedTypes<Opened>,
) {
  return builder.interfaceRef<ClinicalRecord>('Record').implement({
    description: 'A row about one participant, kept by one custodian.',
    resolveType: () => undefined,
    fields: (t) => ({
      id: t.exposeID('id', {
        description:
          'Opaque. The same row has another id in another study; no FHIR id ever leaves.',
      }),
      custodian: t.field({
        type: institutionRef,
        description: 'The institution whose node keeps the row and released it.',
        resolve: ({ custodian }) => ({ id: custodian }),
      }),
      recorded: t.field({
        type: 'Date',
        nullable: true,
        description: `The date of the record. ${DATE_NULL}`,
        resolve: ({ recorded }) => recorded,
      }),
      partial: t.field({
        type: ['String'],
        description:
          'Paths in R4 of the elements that say more than this row does: free text, codes of ' +
          'local systems, unknown units, and elements without a field. Read them before you ' +
          'rely on a row. Empty: the row says everything.',
        resolve: ({ partial }) => [...partial],
      }),
    }),
  });
}

/** Adds the types that every kind uses. */
export function addRecordTypes<Opened>(
  builder: Builder<Opened>,
  federated: FederatedTypes<Opened>,
) {
  const concepts = addConceptTypes(builder);
  return {
    builder,
    RecordRef: addRecordInterface(builder, federated),
    ...concepts,
    DosageRef: addDosageType(builder, concepts),
  };
}

export type RecordTypes<Opened> = ReturnType<typeof addRecordTypes<Opened>>;
