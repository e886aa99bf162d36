import type { Builder } from '../graph/builder.js';
import type { FilterShape } from './kinds.js';
import type { QuantityFilter, RecordFilter, ValueFilter } from './question.js';
import type { Code } from './source.js';

type CodeInputRef<Opened> = ReturnType<typeof addCodeInput<Opened>>;

/** As it comes from the wire; beside these, under the name of the kind's own range, a TimeRange. */
export type WhereInput = Omit<RecordFilter, 'period'>;

/** Gives back the way to add a kind's filter. Called once: they share their inputs. */
export function addFilterInputs<Opened>(builder: Builder<Opened>) {
  const CodeInput = addCodeInput(builder);
  const TimeRange = builder.inputType('TimeRange', {
    description:
      'From is in it, until is not; a missing end is open. Without EXACT_DATE a row lies at the ' +
      'beginning of its year.',
    fields: (t) => ({ from: t.field({ type: 'DateTime' }), until: t.field({ type: 'DateTime' }) }),
  });
  const ValueFilterRef = addValueFilter(builder, CodeInput);

  return function addFilter(name: string, { range, codes, categories, value }: FilterShape) {
    return builder.inputRef<WhereInput>(`${name}Filter`).implement({
      fields: (t) => ({
        codes: t.field({ type: [CodeInput], description: `Any of these in ${codes}.` }),
        ...(categories === null
          ? {}
          : { categories: t.stringList({ description: `Any of these codes in ${categories}.` }) }),
        ...(value ? { value: t.field({ type: ValueFilterRef }) } : {}),
        [range]: t.field({ type: TimeRange }),
      }),
    });
  };
}

/** What was asked, apart from the name that this kind gives its range. */
export function filterOf(
  where: WhereInput | null | undefined,
  { range }: FilterShape,
): RecordFilter {
  const { codes, categories, value } = where ?? {};
  const { [range]: period } = (where ?? {}) as Readonly<Record<string, RecordFilter['period']>>;
  return { codes, categories, value, period };
}

function addValueFilter<Opened>(builder: Builder<Opened>, CodeInput: CodeInputRef<Opened>) {
  const QuantityFilterRef = builder.inputRef<QuantityFilter>('QuantityFilter').implement({
    description:
      'Bounds that a quantity of this UCUM unit is surely within: nothing is converted, and "<5" is ' +
      'less than 5 and not known to be at least 0.',
    fields: (t) => ({
      ucum: t.string({ required: true, description: 'For example mm[Hg]; a count has 1.' }),
      atLeast: t.field({ type: 'Decimal' }),
      moreThan: t.field({ type: 'Decimal' }),
      atMost: t.field({ type: 'Decimal' }),
      lessThan: t.field({ type: 'Decimal' }),
    }),
  });
  return builder.inputRef<ValueFilter>('ObservationValueFilter').implement({
    description:
      'A value that the observation or one of its components has: a quantity, or one of those codes.',
    fields: (t) => ({
      codes: t.field({
        type: [CodeInput],
        description: 'What it is the value of: the observation or component has any of these.',
      }),
      quantity: t.field({ type: QuantityFilterRef }),
      coded: t.field({ type: [CodeInput] }),
    }),
  });
}

function addCodeInput<Opened>(builder: Builder<Opened>) {
  return builder.inputRef<Code>('CodeInput').implement({
    fields: (t) => ({
      system: t.field({ type: 'URI', required: true }),
      code: t.string({ required: true }),
    }),
  });
}
