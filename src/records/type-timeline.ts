import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import { addFilterInputs } from './filter.js';
import type { Loader } from './loader.js';
import { toQuestion, USUAL_PAGE } from './question.js';
import type { RecordPage } from './source.js';
import { addConceptTypes } from './type-concept.js';
import { addDispenseType } from './type-dispense.js';
import { addObservationType } from './type-observation.js';
import { addDemographicsType, type ParticipantTypes } from './type-participant.js';
import { addConditionType, addRecordInterface } from './type-record.js';

/** Adds the rows of a participant, class by class. */
export function addTimeline<Opened>(
  builder: Builder<Opened>,
  loader: Loader<Opened>,
  federated: FederatedTypes<Opened>,
  { ParticipantRef, WithheldRef }: ParticipantTypes<Opened>,
): void {
  const pages = addPages(builder, federated, WithheldRef);
  const { ConditionFilter, ObservationFilter, MedicationFilter } = addFilterInputs(builder);
  const DemographicsRef = addDemographicsType(builder, federated);

  builder.objectFields(ParticipantRef, (t) => {
    const page = { first: t.arg.int({ defaultValue: USUAL_PAGE }), after: t.arg.string() };
    return {
      demographics: t.field({
        type: [DemographicsRef],
        resolve: ({ pseudonym }, _args, context) => loader.demographics(context, pseudonym),
      }),
      conditions: t.field({
        type: pages.ConditionPage,
        nullable: true,
        args: { where: t.arg({ type: ConditionFilter }), ...page },
        resolve: ({ pseudonym }, { where, ...rest }, context) => {
          const filter = { codes: where?.codes, period: where?.recorded };
          return loader.conditions(context, pseudonym, toQuestion(filter, rest));
        },
      }),
      observations: t.field({
        type: pages.ObservationPage,
        nullable: true,
        args: { where: t.arg({ type: ObservationFilter }), ...page },
        resolve: ({ pseudonym }, { where, ...rest }, context) => {
          const { codes, categories, effective } = where ?? {};
          const filter = { codes, categories, period: effective };
          return loader.observations(context, pseudonym, toQuestion(filter, rest));
        },
      }),
      dispenses: t.field({
        type: pages.DispensePage,
        nullable: true,
        args: { where: t.arg({ type: MedicationFilter }), ...page },
        resolve: ({ pseudonym }, { where, ...rest }, context) => {
          const filter = { codes: where?.codes, period: where?.recorded };
          return loader.dispenses(context, pseudonym, toQuestion(filter, rest));
        },
      }),
    };
  });
}

/** Adds the record types, each with its page, which says besides what the question met. */
function addPages<Opened>(
  builder: Builder<Opened>,
  federated: FederatedTypes<Opened>,
  withheldRef: ParticipantTypes<Opened>['WithheldRef'],
) {
  const concepts = addConceptTypes(builder);
  const recordRef = addRecordInterface(builder, federated);

  function addPage<Row>(name: string, rowRef: { readonly $inferType: Row }) {
    const ref = federated.addConnection<Row>(name, rowRef);
    builder.objectField(ref, 'withheld', (t) =>
      t.field({
        type: [withheldRef],
        description: 'Why this question met less than it asked for, if it did.',
        resolve: (page) => (page as RecordPage<Row>).withheld,
      }),
    );
    return ref;
  }

  return {
    ConditionPage: addPage('Condition', addConditionType(builder, recordRef, concepts)),
    ObservationPage: addPage('Observation', addObservationType(builder, recordRef, concepts)),
    DispensePage: addPage('Dispense', addDispenseType(builder, recordRef, concepts)),
  };
}
