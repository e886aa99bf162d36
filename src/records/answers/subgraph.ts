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
  // Nothing here has a root field: whoever wants rows comes from a study or from a participant.
  builder.queryType({ description: QUERY });
  return toSubgraph(builder);
}

/** Adds Study with its participants. Any id resolves: an unknown study is one without any. */
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
        description: `Those whom a live proof was shown for, in order of pseudonym. ${NULL_BESIDE_ERROR}`,
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
          'One of `participants`, to read on where its pages ended. Null for whom that list does ' +
          'not show, and one that nobody has looks the same. SOURCE_UNAVAILABLE while a custodian ' +
          'that could show it is silent.',
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
      description: 'The study that the pseudonym is of.',
      resolve: ({ study }) => ({ id: study }),
    }),
  );
}

function addParticipantFilter<Opened>(builder: Builder<Opened>) {
  return builder.inputType('ParticipantFilter', {
    description: 'Which participants of a study are asked for: no other is read, or released.',
    fields: (t) => ({
      pseudonyms: t.idList({
        description:
          `Any of these, ${MAX_PAGE} at most; more is BAD_INPUT. Absent: all. Whom nothing is open ` +
          'for is left out, as one that nobody has.',
      }),
    }),
  });
}

/** A pseudonym that nothing is permitted for resolves to null, as one that nobody has. */
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
