import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { AFTER, firstWords, NULL_BESIDE_ERROR } from '../../graph/words.js';
import { KIND_NAMES, KINDS, type KindName, type KindOf, type RowOf } from '../kinds/kinds.js';
import { addRecordTypes } from '../kinds/type-record.js';
import { addFilterInputs, filterOf } from './filter.js';
import type { Loader } from './loader.js';
import { DEFAULT_PAGE, toQuestion } from './question.js';
import type { RecordPage } from './records-source.js';
import { addDemographicsType, type ParticipantTypes } from './type-participant.js';

/** Adds what is known about a participant: demographics, and one field per kind of rows. */
export function addTimeline<Opened>(
  builder: Builder<Opened>,
  loader: Loader<Opened>,
  federated: FederatedTypes<Opened>,
  participant: ParticipantTypes<Opened>,
): void {
  const DemographicsRef = addDemographicsType(builder, federated);
  builder.objectField(participant.ParticipantRef, 'demographics', (t) =>
    t.field({
      type: federated.addConnection('Demographics', DemographicsRef),
      nullable: true,
      description: `Sex and year of birth, as recorded by each custodian. ${NULL_BESIDE_ERROR}`,
      resolve: ({ pseudonym }, _args, context) => loader.demographics(context, pseudonym),
    }),
  );
  const addKind = kindAdder(builder, loader, federated, participant);
  for (const name of KIND_NAMES) addKind(name);
}

/**
 * Returns a function that adds a kind: its type, its page, its filter and its field of Participant.
 */
function kindAdder<Opened>(
  builder: Builder<Opened>,
  loader: Loader<Opened>,
  federated: FederatedTypes<Opened>,
  { ParticipantRef, WithheldRef }: ParticipantTypes<Opened>,
) {
  const types = addRecordTypes(builder, federated);
  const addFilter = addFilterInputs(builder);

  /** A page type whose `withheld` says what the question could not get. */
  function addPage<Row>(name: string, rowRef: { readonly $inferType: Row }) {
    const ref = federated.addConnection<Row>(name, rowRef);
    builder.objectField(ref, 'withheld', (t) =>
      t.field({
        type: [WithheldRef],
        description: 'Why this question gets less than it asked for. Empty if it gets everything.',
        resolve: (page) => (page as RecordPage<Row>).withheld,
      }),
    );
    return ref;
  }

  return function addKind<Name extends KindName>(kindName: Name): void {
    const kind: KindOf<Name> = KINDS[kindName];
    const PageRef = addPage<RowOf<Name>>(kind.name, kind.addType(types));
    const FilterRef = addFilter(kind.name, kind.filter);
    builder.objectField(ParticipantRef, kind.field, (t) =>
      t.field({
        type: PageRef,
        nullable: true,
        description: `${kind.words}, from the earliest to the latest. ${NULL_BESIDE_ERROR}`,
        args: {
          where: t.arg({
            type: FilterRef,
            description: 'Which rows. Absent or null: all that the consents presented open.',
          }),
          first: t.arg.int({ defaultValue: DEFAULT_PAGE, description: firstWords(DEFAULT_PAGE) }),
          after: t.arg.string({ description: AFTER }),
        },
        resolve: ({ pseudonym }, { where, ...page }, context) => {
          const question = toQuestion(filterOf(where, kind.filter), page);
          return loader.timeline(context, kindName, pseudonym, question);
        },
      }),
    );
  };
}
