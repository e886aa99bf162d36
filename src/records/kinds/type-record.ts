import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { DATE_NULL } from '../model/elements.js';
import type { ClinicalRecord } from '../model/model.js';
import { addConceptTypes } from './type-concept.js';
import { addDosageType } from './type-dosage.js';

/** Adds Record: what every participant-level row says of itself. */
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
        description: `The date that the record is told by. ${DATE_NULL}`,
        resolve: ({ recorded }) => recorded,
      }),
      partial: t.field({
        type: ['String'],
        description:
          'Elements of the FHIR resource that say more than this row does, by their paths in R4: ' +
          'free text, codes of local systems, units that no table knows, and what no field is for. ' +
          'Who decides on a row reads them first. Empty: all that was said is here.',
        resolve: ({ partial }) => [...partial],
      }),
    }),
  });
}

/** Adds what every kind's type is made of. */
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
