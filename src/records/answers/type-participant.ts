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

/** Adds Participant with what needs no source to tell; its rows are added by type-timeline.ts. */
export function addParticipantType<Opened>(builder: Builder<Opened>, nodeRef: NodeRef<Opened>) {
  const DataClassEnum = addDataClassEnum(builder);
  const ReasonEnum = builder.enumType('WithheldReason', {
    description: 'Why a class of rows is not told.',
    values: describedValues<WithheldReason>({
      OUTSIDE_SCOPE: 'The consent presented does not name the class.',
      OUTSIDE_WINDOW:
        'The question asks for a time that the consent presented does not open whole.',
    }),
  });
  const WithheldRef = builder.objectRef<Withheld>('Withheld').implement({
    description: 'What the consent does not open. Told by scope and question, never by the data.',
    fields: (t) => ({
      dataClass: t.field({
        type: DataClassEnum,
        description: 'The class that is not told, or not told whole.',
        resolve: ({ dataClass }) => dataClass,
      }),
      reason: t.field({
        type: ReasonEnum,
        description: 'Why it is not told.',
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
    description: 'FHIR administrative gender.',
    values: describedValues<(typeof SEXES)[number]>({
      MALE: 'Male.',
      FEMALE: 'Female.',
      OTHER: 'Neither of them.',
      UNKNOWN: 'The source says that it is not known.',
    }),
  });
  return builder.objectRef<Demographics>('Demographics').implement({
    description: 'What one custodian has of a participant; two custodians are never reconciled.',
    fields: (t) => ({
      custodian: t.field({
        type: institutionRef,
        description: 'The institution whose node says so.',
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
