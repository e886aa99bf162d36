import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import type { ClinicalRecord, Condition } from './model.js';
import { CLINICAL_STATUSES, VERIFICATION_STATUSES } from './model.js';
import type { ConceptTypes } from './type-concept.js';

/** Adds Record: what every participant-level row says of itself. */
export function addRecordInterface<Opened>(
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

export type RecordInterface<Opened> = ReturnType<typeof addRecordInterface<Opened>>;

/** Adds Condition: a diagnosis or problem, as FHIR R4 Condition. */
export function addConditionType<Opened>(
  builder: Builder<Opened>,
  recordRef: RecordInterface<Opened>,
  { CodeableConceptRef }: ConceptTypes<Opened>,
) {
  const ClinicalEnum = builder.enumType('ConditionClinicalStatus', { values: CLINICAL_STATUSES });
  const VerificationEnum = builder.enumType('ConditionVerificationStatus', {
    values: VERIFICATION_STATUSES,
  });
  return builder.objectRef<Condition>('Condition').implement({
    description: 'A diagnosis or problem, as FHIR R4 Condition.',
    interfaces: [recordRef],
    fields: (t) => ({
      code: t.field({ type: CodeableConceptRef, resolve: ({ code }) => code }),
      clinicalStatus: t.field({
        type: ClinicalEnum,
        nullable: true,
        resolve: ({ clinicalStatus }) => clinicalStatus,
      }),
      verificationStatus: t.field({
        type: VerificationEnum,
        nullable: true,
        resolve: ({ verificationStatus }) => verificationStatus,
      }),
      onset: t.field({ type: 'Date', nullable: true, resolve: ({ onset }) => onset }),
      abatement: t.field({ type: 'Date', nullable: true, resolve: ({ abatement }) => abatement }),
    }),
  });
}
