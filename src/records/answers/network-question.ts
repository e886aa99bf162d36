import { z } from 'zod';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import { keptForms } from '../../core/kept-forms.js';
import { listOf } from '../../core/list-of.js';
import { answerBytes } from '../../graph/answer-size.js';
import type { Question, SourceStatus } from '../../graph/ask.js';
import { ownSource } from '../../graph/own-source.js';
import { type SortedRows, takePage } from '../../graph/page.js';
import type { Demographics, ParticipantRef } from '../model/model.js';
import { pseudonymOfCursor } from '../model/order.js';
import type { ParticipantsQuestion } from './records-source.js';
import {
  answering,
  DEMOGRAPHICS_FIELDS,
  demographicsOf,
  entitiesOf,
  PAGE_FIELDS,
  PageInfo,
  Pseudonym as PseudonymText,
  StudyKey,
  WITHHELD_FIELDS,
  Withheld,
} from './wire.js';

/** Size of a pseudonym with what is withheld of that participant and why. */
const PARTICIPANT_BYTES = 4 * 1024;

const PARTICIPANTS = `query (
  $representations: [_Any!]!, $where: ParticipantFilter, $first: Int, $after: String
) {
  _entities(representations: $representations) {
    ... on Study {
      registryId
      participants(where: $where, first: $first, after: $after) {
        nodes { pseudonym ${WITHHELD_FIELDS} } ${PAGE_FIELDS}
      }
    }
  }
}`;

const LOOKUP = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Participant { pseudonym study { registryId } ${WITHHELD_FIELDS} }
  }
}`;

const DEMOGRAPHICS = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Participant {
      pseudonym
      demographics { nodes { ${DEMOGRAPHICS_FIELDS} } ${PAGE_FIELDS} }
    }
  }
}`;

/** One node's participants of a study, and whether this holder has presented any consent to it. */
export interface ParticipantsShard extends SortedRows<ParticipantRef> {
  readonly status: SourceStatus;
}

/**
 * One question for all these studies. A node's answer has one shard per study, in the order asked.
 */
export function participantsQuestion(
  studies: readonly StudyId[],
  question: ParticipantsQuestion,
): Question<readonly ParticipantsShard[]> {
  const { first, after, pseudonyms } = question;
  return {
    subgraph: 'records',
    maxBytes: studies.length * answerBytes(first, PARTICIPANT_BYTES),
    needsToken: true,
    holderOnly: true,
    document: PARTICIPANTS,
    variables: {
      representations: studies.map((study) => ({ __typename: 'Study', registryId: study })),
      where: pseudonyms === null ? null : { pseudonyms },
      first,
      after,
    },
    of: { roles: ['HOSPITAL'] },
    parse: (data, institution) => {
      const entities = studiesAnswer(institution, first, studies.length).parse(data)._entities;
      return studies.map((study, i) => participantsOf(entities[i], study, question));
    },
  };
}

function studyOf(institution: InstitutionId, most: number) {
  const row = z.strictObject({ pseudonym: PseudonymText, withheld: Withheld });
  return z.strictObject({
    registryId: z.string(),
    participants: z.strictObject({
      nodes: listOf(row, most),
      pageInfo: PageInfo,
      sources: ownSource(institution),
    }),
  });
}

const studiesAnswer = keptForms((institution: InstitutionId, most: number, count: number) =>
  entitiesOf(studyOf(institution, most), count),
);

function participantsOf(
  found: z.infer<ReturnType<typeof studyOf>> | null | undefined,
  study: StudyId,
  { after, pseudonyms }: ParticipantsQuestion,
): ParticipantsShard {
  if (!found) throw new Error('every study resolves');
  if (found.registryId !== study) {
    throw new Error('an entity answers the representation at its place');
  }
  const { nodes, pageInfo, sources } = found.participants;
  const start = pseudonymOfCursor(after) ?? '';
  const ordered = nodes.every(({ pseudonym }, i) => pseudonym > (nodes[i - 1]?.pseudonym ?? start));
  if (!ordered) throw new Error('rows in order');
  const asked = pseudonyms === null ? undefined : new Set(pseudonyms);
  const fits = nodes.every(({ pseudonym }) => asked?.has(pseudonym) ?? true);
  if (!fits) throw new Error('those alone that were asked for');
  const rows = nodes.map((node) => ({ ...node, study }));
  return { ...takePage(rows, pageInfo.hasNextPage), status: sources };
}

export function lookupQuestion(
  pseudonyms: readonly Pseudonym[],
): Question<readonly (ParticipantRef | undefined)[]> {
  return {
    subgraph: 'records',
    maxBytes: answerBytes(pseudonyms.length, PARTICIPANT_BYTES),
    needsToken: true,
    holderOnly: true,
    document: LOOKUP,
    variables: { representations: toRepresentations(pseudonyms) },
    of: { roles: ['HOSPITAL'] },
    parse: (data) => {
      const entities = lookupAnswer(pseudonyms.length).parse(data)._entities;
      return entities.map((one, i) => answering(one, pseudonyms[i]));
    },
  };
}

const NamedParticipant = z.strictObject({
  pseudonym: PseudonymText,
  study: StudyKey,
  withheld: Withheld,
});
const lookupAnswer = keptForms((count: number) => entitiesOf(NamedParticipant, count));

/** What one node has of a participant, and whether this holder has presented any consent to it. */
export interface DemographicsShard {
  readonly rows: readonly Demographics[];
  readonly status: SourceStatus;
}

export function demographicsQuestion(
  pseudonyms: readonly Pseudonym[],
): Question<readonly DemographicsShard[]> {
  return {
    subgraph: 'records',
    maxBytes: answerBytes(pseudonyms.length, PARTICIPANT_BYTES),
    needsToken: true,
    holderOnly: true,
    document: DEMOGRAPHICS,
    variables: { representations: toRepresentations(pseudonyms) },
    of: { roles: ['HOSPITAL'] },
    parse: (data, institution) => {
      const entities = demographicsAnswer(institution, pseudonyms.length).parse(data)._entities;
      return entities.map((one, i) => {
        const { nodes = [], sources = 'NOT_PRESENTED' } =
          answering(one, pseudonyms[i])?.demographics ?? {};
        return { rows: nodes, status: sources };
      });
    },
  };
}

const demographicsAnswer = keptForms((institution: InstitutionId, count: number) => {
  const demographics = z.strictObject({
    nodes: listOf(demographicsOf(institution), 1),
    pageInfo: z.strictObject({ hasNextPage: z.literal(false) }),
    sources: ownSource(institution),
  });
  return entitiesOf(z.strictObject({ pseudonym: PseudonymText, demographics }), count);
});

function toRepresentations(pseudonyms: readonly Pseudonym[]) {
  return pseudonyms.map((pseudonym) => ({ __typename: 'Participant', pseudonym }));
}
