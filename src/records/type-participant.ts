import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import { DATA_CLASS_BITS, type DataClass } from '../zk/vocabulary.js';
import { type Demographics, type ParticipantRef, SEXES, type Withheld } from './model.js';

/** Adds Participant with what needs no source to tell; its rows are added by type-timeline.ts. */
export function addParticipantType<Opened>(builder: Builder<Opened>) {
  const DataClassEnum = builder.enumType('DataClass', {
    description:
      'A family of records that a consent covers or does not. EXACT_DATE opens none: without it, ' +
      'every date of the others leaves as its year.',
    values: Object.keys(DATA_CLASS_BITS) as DataClass[],
  });
  const ReasonEnum = builder.enumType('WithheldReason', {
    values: ['OUTSIDE_SCOPE', 'OUTSIDE_WINDOW'] as const,
  });
  const WithheldRef = builder.objectRef<Withheld>('Withheld').implement({
    description: 'What the consent does not open. Told by scope and question, never by the data.',
    fields: (t) => ({
      dataClass: t.field({ type: DataClassEnum, resolve: ({ dataClass }) => dataClass }),
      reason: t.field({ type: ReasonEnum, resolve: ({ reason }) => reason }),
    }),
  });
  const ParticipantRef = builder.objectRef<ParticipantRef>('Participant').implement({
    description: 'One person within one study, under a pseudonym that no other study has.',
    fields: (t) => ({
      pseudonym: t.exposeID('pseudonym'),
      withheld: t.field({
        type: [WithheldRef],
        description:
          'The classes outside the scope, and EXACT_DATE if dates leave as years. Labelled rows ' +
          'are never listed.',
        resolve: ({ withheld }) => withheld,
      }),
    }),
  });
  return { ParticipantRef, WithheldRef };
}

export type ParticipantTypes<Opened> = ReturnType<typeof addParticipantType<Opened>>;

/** Adds Demographics: the sex and the birth year that one custodian has. */
export function addDemographicsType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: FederatedTypes<Opened>,
) {
  const SexEnum = builder.enumType('Sex', {
    values: SEXES,
    description: 'FHIR administrative gender.',
  });
  return builder.objectRef<Demographics>('Demographics').implement({
    description: 'What one custodian has of a participant; two custodians are never reconciled.',
    fields: (t) => ({
      custodian: t.field({ type: institutionRef, resolve: ({ custodian }) => ({ id: custodian }) }),
      sex: t.field({ type: SexEnum, nullable: true, resolve: ({ sex }) => sex }),
      birthYear: t.exposeInt('birthYear', {
        nullable: true,
        description: 'Whoever is over 90 is shown as 90.',
      }),
    }),
  });
}
