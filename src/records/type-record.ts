import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import type { ClinicalRecord } from './model.js';
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
      id: t.exposeID('id', { description: 'Per study and custodian. No FHIR id ever leaves.' }),
      custodian: t.field({ type: institutionRef, resolve: ({ custodian }) => ({ id: custodian }) }),
      recorded: t.field({
        type: 'Date',
        nullable: true,
        description:
          'The civil date it is told by; its year alone without EXACT_DATE. Null if there is none.',
        resolve: ({ recorded }) => recorded,
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
