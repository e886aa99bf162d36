import DataLoader from 'dataloader';
import type { StudyId } from '../../core/ids.js';
import { isoFromSeconds } from '../../core/time.js';
import { isComplete, undecided } from '../../graph/ask.js';
import type { Builder } from '../../graph/builder.js';
import type { SubgraphContext } from '../../graph/context.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { idOfStudy } from '../../graph/node/id.js';
import { identify } from '../../graph/node/identify.js';
import { NODE_ID, type NodeRef } from '../../graph/node/interface.js';
import { perRequest } from '../../graph/per-request.js';
import type { PeriodRef } from '../../graph/period.js';
import { STUDY, STUDY_ID } from '../../graph/words.js';
import type { ConsentSource } from '../answers/consent-source.js';
import type { StudyReference } from '../answers/studies/model.js';
import type { Access, StudyAccess } from '../base/model.js';
import type { VocabularyEnums } from './type-vocabulary.js';

/** Types that Study is made of, which other types of this subgraph are made of, too. */
interface StudyParts<Opened> {
  readonly periodRef: PeriodRef<Opened>;
  readonly federated: FederatedTypes<Opened>;
  readonly nodeRef: NodeRef<Opened>;
}

/** Adds Study, the entity, with what the caller's own presentations open in it. */
export function addStudyType<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  enums: VocabularyEnums<Opened>,
  { periodRef, federated, nodeRef }: StudyParts<Opened>,
) {
  const accessOf = accessLoader(source);
  const AccessRef = addAccessType(builder, enums, periodRef);
  const StudyRef = builder.objectRef<StudyReference>('Study').implement({
    description: STUDY,
    interfaces: [federated.FederatedRef as never, nodeRef as never],
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: ({ id }) => idOfStudy(id) }),
      registryId: t.exposeID('id', { description: STUDY_ID }),
      access: t.field({
        type: AccessRef,
        nullable: true,
        description: 'What my token opens, from my presentations alone. Null if nothing.',
        resolve: async ({ id }, _arguments, context) => decided(await accessOf(context).load(id)),
      }),
      sources: t.field({
        type: [federated.SourceRef],
        description: 'Every custodian, and what it said of my access.',
        resolve: async ({ id }, _arguments, context) => (await accessOf(context).load(id)).sources,
      }),
      complete: t.boolean({
        description: 'Whether every custodian has told what is open to me there.',
        resolve: async ({ id }, _arguments, context) =>
          isComplete((await accessOf(context).load(id)).sources),
      }),
    }),
  });
  builder.asEntity(StudyRef, {
    key: builder.selection<{ registryId: string }>('registryId'),
    // Not looked up: a reference to a study that nobody has looks like any other.
    resolveReference: ({ registryId }) => ({ id: registryId as StudyId }),
  });
  builder.queryField('study', (t) =>
    t.field({
      type: StudyRef,
      nullable: true,
      description:
        'A study that my token opens. Null unless my presentations open something in it: a study ' +
        'that does not exist looks the same. While a custodian is silent and no other opens it, ' +
        'nobody knows: SOURCE_UNAVAILABLE.',
      args: {
        id: t.arg.id({
          required: true,
          description: 'Its `registryId`; its `id` is taken as well.',
        }),
      },
      resolve: async (_root, { id }, context) => {
        const study = studyNamed(id);
        return decided(await accessOf(context).load(study)) === null ? null : { id: study };
      },
    }),
  );
  return StudyRef;
}

/** What an argument names a study by. That it is named says nothing of its being there. */
function studyNamed(text: string): StudyId {
  const made = identify(text);
  return (made?.type === 'Study' ? made.key[0] : text) as StudyId;
}

/**
 * Whether anything is open, where that was decided.
 *
 * @throws DomainError SOURCE_UNAVAILABLE if nothing is and a custodian did not say so.
 */
export function decided({ access, sources }: StudyAccess): Access | null {
  const silence = access === null ? undecided(sources) : undefined;
  if (silence !== undefined) throw silence;
  return access;
}

function addAccessType<Opened>(
  builder: Builder<Opened>,
  { PurposeEnum, DataClassEnum, SensitivityEnum }: VocabularyEnums<Opened>,
  periodRef: PeriodRef<Opened>,
) {
  return builder.objectRef<Access>('Access').implement({
    description: 'What live presentations open. It never depends on the data.',
    fields: (t) => ({
      presented: t.exposeInt('presented', {
        description: 'How many participants a live proof was shown for.',
      }),
      purpose: t.field({
        type: PurposeEnum,
        nullable: true,
        description:
          'What the data may be used for. Null if the presentations name several purposes.',
        resolve: ({ purpose }) => purpose,
      }),
      dataClasses: t.field({
        type: [DataClassEnum],
        description: 'All that any of them opens.',
        resolve: ({ dataClasses }) => dataClasses,
      }),
      labels: t.field({
        type: [SensitivityEnum],
        description: 'All sensitive records that any of them opens.',
        resolve: ({ labels }) => labels,
      }),
      dataWindow: t.field({
        type: periodRef,
        description: 'From the earliest to the latest date that any of them opens.',
        resolve: ({ dataWindow }) => dataWindow,
      }),
      expires: t.field({
        type: 'DateTime',
        description: 'When the first of them ends.',
        resolve: ({ expires }) => isoFromSeconds(expires),
      }),
    }),
  });
}

/** One loader per request, so that fifty studies are one question to the source. */
function accessLoader<Opened>(source: ConsentSource<Opened>) {
  return perRequest(({ opened }: SubgraphContext<Opened>) => {
    return new DataLoader<StudyId, StudyAccess>(async (ids) => [
      ...(await source.access(opened, ids)),
    ]);
  });
}
