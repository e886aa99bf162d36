import type { GraphQLSchema } from 'graphql';
import { type StudyId, toPseudonym, toStudyId } from '../../core/ids.js';
import { type Builder, createBuilder, toSubgraph } from '../../graph/builder.js';
import { addFederatedTypes, type FederatedTypes } from '../../graph/federated.js';
import { idOfStudy } from '../../graph/node/id.js';
import { addNodeInterface, NODE_ID } from '../../graph/node/interface.js';
import { MAX_PAGE } from '../../graph/page.js';
import { AFTER, firstWords, NULL_BESIDE_ERROR, QUERY, STUDY, STUDY_ID } from '../../graph/words.js';
import { createLoader, type Loader } from './loader.js';
import { DEFAULT_PAGE, toParticipantsQuestion } from './question.js';
import type { RecordsSource } from './records-source.js';
import { addParticipantType, type ParticipantTypes } from './type-participant.js';
import { addTimeline } from './type-timeline.js';

/** The records subgraph over a node's database or over the network: the same schema either way. */
export function recordsSubgraph<Opened>(source: RecordsSource<Opened>): GraphQLSchema {
  const builder = createBuilder<Opened>();
  const federated = addFederatedTypes(builder);
  const loader = createLoader(source);
  const participant = addParticipantType(builder, addNodeInterface(builder));
  addStudy(builder, loader, federated, participant);
  addParticipantEntity(builder, loader, participant);
  addTimeline(builder, loader, federated, participant);
  // There are no root fields here: rows are reached from a study or a participant.
  builder.queryType({ description: QUERY });
  return toSubgraph(builder);
}

/** Adds Study with its participants. Any id resolves: an unknown study has none. */
function addStudy<Opened>(
  builder: Builder<Opened>,
  loader: Loader<Opened>,
  federated: FederatedTypes<Opened>,
  { ParticipantRef }: ParticipantTypes<Opened>,
): void {
  const StudyRef = builder.objectRef<{ readonly id: StudyId }>('Study');
  const ConnectionRef = federated.addConnection('Participant', ParticipantRef);
  const FilterRef = addParticipantFilter(builder);
  builder.objectType(StudyRef, {
    description: STUDY,
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: ({ id }) => idOfStudy(id) }),
      registryId: t.exposeID('id', { description: STUDY_ID }),
      participants: t.field({
        type: ConnectionRef,
        nullable: true,
        description: `Those for whom a valid proof was presented, in order of pseudonym. ${NULL_BESIDE_ERROR}`,
        args: {
          where: t.arg({ type: FilterRef, description: 'Which of them. Absent or null: all.' }),
          first: t.arg.int({
            defaultValue: DEFAULT_PAGE,
            description: firstWords(DEFAULT_PAGE),
          }),
          after: t.arg.string({ description: AFTER }),
        },
        resolve: ({ id }, asked, context) =>
          loader.participants(context, id, toParticipantsQuestion(asked)),
      }),
      participant: t.field({
        type: ParticipantRef,
        nullable: true,
        description:
          'One of `participants`, to continue reading where a page ended. Null if that list ' +
          'does not show the participant; one that does not exist looks the same. ' +
          'SOURCE_UNAVAILABLE while a custodian that could show it does not answer.',
        args: {
          pseudonym: t.arg.id({
            required: true,
            description: 'A `Participant.pseudonym` of this study.',
          }),
        },
        resolve: async ({ id }, { pseudonym }, context) =>
          (await loader.participantOf(context, id, toPseudonym(pseudonym))) ?? null,
      }),
    }),
  });
  builder.asEntity(StudyRef, {
    key: builder.selection<{ registryId: string }>('registryId'),
    resolveReference: ({ registryId }) => ({ id: toStudyId(registryId) }),
  });
  builder.objectField(ParticipantRef, 'study', (t) =>
    t.field({
      type: StudyRef,
      description: 'The study that the pseudonym belongs to.',
      resolve: ({ study }) => ({ id: study }),
    }),
  );
}

function addParticipantFilter<Opened>(builder: Builder<Opened>) {
  return builder.inputType('ParticipantFilter', {
    description: 'Which participants of a study are asked for. No others are read or released.',
    fields: (t) => ({
      pseudonyms: t.idList({
        description:
          `Any of these, ${MAX_PAGE} at most; more is BAD_INPUT. Absent: all. A participant ` +
          'without a permit is left out, as one that does not exist.',
      }),
    }),
  });
}

/** A pseudonym without a permit resolves to null, as one that does not exist. */
function addParticipantEntity<Opened>(
  builder: Builder<Opened>,
  loader: Loader<Opened>,
  { ParticipantRef }: ParticipantTypes<Opened>,
): void {
  builder.asEntity(ParticipantRef, {
    key: builder.selection<{ pseudonym: string }>('pseudonym'),
    resolveReference: async ({ pseudonym }, context) =>
      (await loader.participant(context, toPseudonym(pseudonym))) ?? (null as never),
  });
}
