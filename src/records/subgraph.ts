import type { GraphQLSchema } from 'graphql';
import { type StudyId, toPseudonym, toStudyId } from '../core/ids.js';
import { type Builder, createBuilder, toSubgraph } from '../graph/builder.js';
import { addFederatedTypes, type FederatedTypes } from '../graph/federated.js';
import { pageSize } from '../graph/page.js';
import { createLoader, type Loader } from './loader.js';
import { USUAL_PAGE } from './question.js';
import type { RecordsSource } from './source.js';
import { addParticipantType, type ParticipantTypes } from './type-participant.js';
import { addTimeline } from './type-timeline.js';

/** The records subgraph over a node's database or over the network: the same schema either way. */
export function recordsSubgraph<Opened>(source: RecordsSource<Opened>): GraphQLSchema {
  const builder = createBuilder<Opened>();
  const federated = addFederatedTypes(builder);
  const loader = createLoader(source);
  const participant = addParticipantType(builder);
  addStudy(builder, source, federated, participant);
  addParticipantEntity(builder, loader, participant);
  addTimeline(builder, loader, federated, participant);
  // Nothing here has a root field: whoever wants rows comes from a study or from a participant.
  builder.queryType({});
  return toSubgraph(builder);
}

/** Adds Study with its participants. Any id resolves: an unknown study is one without any. */
function addStudy<Opened>(
  builder: Builder<Opened>,
  source: RecordsSource<Opened>,
  federated: FederatedTypes<Opened>,
  { ParticipantRef }: ParticipantTypes<Opened>,
): void {
  const StudyRef = builder.objectRef<{ readonly id: StudyId }>('Study');
  const ConnectionRef = federated.addConnection('Participant', ParticipantRef);
  builder.objectType(StudyRef, {
    fields: (t) => ({
      id: t.exposeID('id'),
      participants: t.field({
        type: ConnectionRef,
        nullable: true,
        description: 'Those whom a proof was shown for, in order of pseudonym.',
        args: { first: t.arg.int({ defaultValue: USUAL_PAGE }), after: t.arg.string() },
        resolve: ({ id }, { first, after }, { opened }) =>
          source.participants(opened, id, {
            first: pageSize(first, USUAL_PAGE),
            after: after ?? null,
          }),
      }),
    }),
  });
  builder.asEntity(StudyRef, {
    key: builder.selection<{ id: string }>('id'),
    resolveReference: ({ id }) => ({ id: toStudyId(id) }),
  });
  builder.objectField(ParticipantRef, 'study', (t) =>
    t.field({ type: StudyRef, resolve: ({ study }) => ({ id: study }) }),
  );
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
