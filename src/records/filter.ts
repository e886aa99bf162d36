import type { Builder } from '../graph/builder.js';

/** Adds the inputs by which a participant's rows are chosen. */
export function addFilterInputs<Opened>(builder: Builder<Opened>) {
  const CodeInput = builder.inputType('CodeInput', {
    fields: (t) => ({
      system: t.field({ type: 'URI', required: true }),
      code: t.string({ required: true }),
    }),
  });
  const TimeRange = builder.inputType('TimeRange', {
    description:
      'From is in it, until is not; a missing end is open. Without EXACT_DATE a row lies at the ' +
      'beginning of its year.',
    fields: (t) => ({ from: t.field({ type: 'DateTime' }), until: t.field({ type: 'DateTime' }) }),
  });
  const codesDescription = 'Any of these; a component of an observation is found by its code too.';
  const ConditionFilter = builder.inputType('ConditionFilter', {
    fields: (t) => ({
      codes: t.field({ type: [CodeInput], description: codesDescription }),
      recorded: t.field({ type: TimeRange }),
    }),
  });
  const ObservationFilter = builder.inputType('ObservationFilter', {
    fields: (t) => ({
      codes: t.field({ type: [CodeInput], description: codesDescription }),
      categories: t.stringList({ description: 'Any of these Observation.category codes.' }),
      effective: t.field({ type: TimeRange }),
    }),
  });
  const MedicationFilter = builder.inputType('MedicationFilter', {
    fields: (t) => ({
      codes: t.field({ type: [CodeInput], description: codesDescription }),
      recorded: t.field({ type: TimeRange }),
    }),
  });
  return { ConditionFilter, ObservationFilter, MedicationFilter };
}
