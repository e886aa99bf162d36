import DataLoader from 'dataloader';
import type { StudyId } from '../core/ids.js';
import { isoFromSeconds, type Period } from '../core/time.js';
import type { Builder } from '../graph/builder.js';
import type { SubgraphContext } from '../graph/context.js';
import type { Access } from './model.js';
import type { ConsentSource } from './source.js';
import type { VocabularyEnums } from './type-vocabulary.js';

/** A study by its id alone: that it is named says nothing of its being there. */
interface StudyReference {
  readonly id: StudyId;
}

/** Adds Study, the entity, with what the caller's own presentations open in it. */
export function addStudyType<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  enums: VocabularyEnums<Opened>,
  periodRef: PeriodRef<Opened>,
) {
  const accessOf = accessLoader(source);
  const AccessRef = addAccessType(builder, enums, periodRef);
  const StudyRef = builder.objectRef<StudyReference>('Study').implement({
    description: 'A study; a trial is one, under its registry id.',
    fields: (t) => ({
      id: t.exposeID('id'),
      access: t.field({
        type: AccessRef,
        nullable: true,
        description: 'What MY token opens, from my presentations alone; null if nothing.',
        resolve: ({ id }, _arguments, context) => accessOf(context).load(id),
      }),
    }),
  });
  builder.asEntity(StudyRef, {
    key: builder.selection<{ id: string }>('id'),
    // Not looked up: a reference to a study that nobody has looks like any other.
    resolveReference: ({ id }) => ({ id: id as StudyId }),
  });
  builder.queryField('study', (t) =>
    t.field({
      type: StudyRef,
      nullable: true,
      description: 'Null unless my presentations open something in it; unknown looks the same.',
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, context) => {
        const study = id as StudyId;
        return (await accessOf(context).load(study)) === null ? null : { id: study };
      },
    }),
  );
  return StudyRef;
}

/** Adds Period, the span of time that every answer of this room tells in. */
export function addPeriodType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Period>('Period').implement({
    shareable: true,
    description: 'From and until, half-open: until itself is outside.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', resolve: ({ from }) => isoFromSeconds(from) }),
      until: t.field({ type: 'DateTime', resolve: ({ until }) => isoFromSeconds(until) }),
    }),
  });
}

export type PeriodRef<Opened> = ReturnType<typeof addPeriodType<Opened>>;

function addAccessType<Opened>(
  builder: Builder<Opened>,
  { PurposeEnum, DataClassEnum, SensitivityEnum }: VocabularyEnums<Opened>,
  periodRef: PeriodRef<Opened>,
) {
  return builder.objectRef<Access>('Access').implement({
    description: 'What live presentations open. It never depends on the data.',
    fields: (t) => ({
      presented: t.exposeInt('presented', { description: 'Participants presented.' }),
      purpose: t.field({
        type: PurposeEnum,
        nullable: true,
        description: 'Null if the presentations name several.',
        resolve: ({ purpose }) => purpose,
      }),
      dataClasses: t.field({ type: [DataClassEnum], resolve: ({ dataClasses }) => dataClasses }),
      labels: t.field({ type: [SensitivityEnum], resolve: ({ labels }) => labels }),
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
  type Loader = DataLoader<StudyId, Access | null>;
  const loaders = new WeakMap<SubgraphContext<Opened>, Loader>();
  return (context: SubgraphContext<Opened>): Loader => {
    const known = loaders.get(context);
    if (known !== undefined) return known;
    const loader: Loader = new DataLoader(async (ids) => [
      ...(await source.access(context.opened, ids)),
    ]);
    loaders.set(context, loader);
    return loader;
  };
}
