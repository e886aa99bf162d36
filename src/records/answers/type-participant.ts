import { addDataClassEnum } from '../../consent/graphql/type-vocabulary.js';
import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { idOfParticipant } from '../../graph/node/id.js';
import { NODE_ID, type NodeRef } from '../../graph/node/interface.js';
import { describedValues, PARTICIPANT, PSEUDONYM } from '../../graph/words.js';
import { NULL_UNSAID } from '../model/elements.js';
import type {
  Demographics,
  ParticipantRef,
  SEXES,
  Withheld,
  WithheldReason,
} from '../model/model.js';

/** Adds Participant with the fields that need no source. type-timeline.ts adds its rows. */
export function addParticipantType<Opened>(builder: Builder<Opened>, nodeRef: NodeRef<Opened>) {
  const DataClassEnum = addDataClassEnum(builder);
  const ReasonEnum = builder.enumType('WithheldReason', {
    description: 'Why a class of rows is withheld.',
    values: describedValues<WithheldReason>({
      OUTSIDE_SCOPE: 'The consent presented does not include the class.',
      OUTSIDE_WINDOW:
        'The question asks for a time that the consent presented does not cover completely.',
    }),
  });
  const WithheldRef = builder.objectRef<Withheld>('Withheld').implement({
    description:
      'What the consent does not open. Derived from scope and question, never from the data.',
    fields: (t) => ({
      dataClass: t.field({
        type: DataClassEnum,
        description: 'The class that is withheld, wholly or in part.',
        resolve: ({ dataClass }) => dataClass,
      }),
      reason: t.field({
        type: ReasonEnum,
        description: 'Why it is withheld.',
        resolve: ({ reason }) => reason,
      }),
    }),
  });
  const ParticipantRef = builder.objectRef<ParticipantRef>('Participant').implement({
    description: PARTICIPANT,
    interfaces: [nodeRef as never],
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: idOfParticipant }),
      pseudonym: t.exposeID('pseudonym', { description: PSEUDONYM }),
      withheld: t.field({
        type: [WithheldRef],
        description:
          'The classes outside the scope, and EXACT_DATE if dates are released as years. ' +
          'Rows withheld for a sensitivity label are never listed.',
        resolve: ({ withheld }) => withheld,
      }),
    }),
  });
  return { ParticipantRef, WithheldRef };
}

export type ParticipantTypes<Opened> = ReturnType<typeof addParticipantType<Opened>>;

/** Adds Demographics: the sex and birth year that one custodian has recorded. */
export function addDemographicsType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: FederatedTypes<Opened>,
) {
  const SexEnum = builder.enumType('Sex', {
    description: 'FHIR administrative gender.',
    values: describedValues<(typeof SEXES)[number]>({
      MALE: 'Male.',
      FEMALE: 'Female.',
      OTHER: 'Neither male nor female.',
      UNKNOWN: 'The source says that it is unknown.',
    }),
  });
  return builder.objectRef<Demographics>('Demographics').implement({
    description:
      'What one custodian has recorded about a participant. Two custodians are never ' +
      'reconciled.',
    fields: (t) => ({
      custodian: t.field({
        type: institutionRef,
        description: 'The institution whose node answered.',
        resolve: ({ custodian }) => ({ id: custodian }),
      }),
      sex: t.field({
        type: SexEnum,
        nullable: true,
        description: `Administrative gender. ${NULL_UNSAID}`,
        resolve: ({ sex }) => sex,
      }),
      birthYear: t.exposeInt('birthYear', {
        nullable: true,
        description: `The year of birth. People over 90 are shown as 90 years old. ${NULL_UNSAID}`,
      }),
    }),
  });
}
