import type { Builder } from '../../graph/builder.js';
import type { FilterShape } from '../kinds/kind.js';
import { MAX_CODES, type QuantityFilter, type RecordFilter, type ValueFilter } from './question.js';
import type { Code } from './records-source.js';

const UP_TO_CODES = `${MAX_CODES} at most`;

type CodeInputRef<Opened> = ReturnType<typeof addCodeInput<Opened>>;

/** The filter as it comes from the wire. Each kind adds a TimeRange under a name of its own. */
export type WhereInput = Omit<RecordFilter, 'period'>;

/** Returns a function that adds a kind's filter. Call this once: the filters share input types. */
export function addFilterInputs<Opened>(builder: Builder<Opened>) {
  const CodeInput = addCodeInput(builder);
  const TimeRange = builder.inputType('TimeRange', {
    description:
      'A span of time, half-open: `from` is in it, `until` is not. Without EXACT_DATE a row ' +
      'is placed at the beginning of its year.',
    fields: (t) => ({
      from: t.field({
        type: 'DateTime',
        description: 'The first moment in the span. Absent: no lower end.',
      }),
      until: t.field({
        type: 'DateTime',
        description: 'The first moment after the span. Absent: no upper end.',
      }),
    }),
  });
  const ValueFilterRef = addValueFilter(builder, CodeInput);

  return function addFilter(name: string, { range, codes, categories, value }: FilterShape) {
    return builder.inputRef<WhereInput>(`${name}Filter`).implement({
      description: `Which ${name} rows. A row must meet every condition given.`,
      fields: (t) => ({
        codes: t.field({
          type: [CodeInput],
          description: `Any of these in ${codes}, ${UP_TO_CODES}. Absent: any.`,
        }),
        ...(categories === null
          ? {}
          : {
              categories: t.stringList({
                description: `Any of these codes in ${categories}, ${UP_TO_CODES}. Absent: any.`,
              }),
            }),
        ...(value
          ? { value: t.field({ type: ValueFilterRef, description: 'Its value. Absent: any.' }) }
          : {}),
        [range]: t.field({
          type: TimeRange,
          description: `When \`${range}\` is. Absent: any time.`,
        }),
      }),
    });
  };
}

/** The filter in its common form, whatever name this kind gives its time range. */
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
      'Bounds that a quantity in this UCUM unit is certain to be within. No unit is ' +
      'converted. "<5" is certain to be less than 5, but not certain to be at least 0.',
    fields: (t) => ({
      ucum: t.string({
        required: true,
        description: 'The UCUM code, 1 to 64 characters, for example mm[Hg]; a count has 1.',
      }),
      atLeast: t.field({ type: 'Decimal', description: 'This or more. Absent: no such bound.' }),
      moreThan: t.field({ type: 'Decimal', description: 'More than this. Absent: no such bound.' }),
      atMost: t.field({ type: 'Decimal', description: 'This or less. Absent: no such bound.' }),
      lessThan: t.field({ type: 'Decimal', description: 'Less than this. Absent: no such bound.' }),
    }),
  });
  return builder.inputRef<ValueFilter>('ObservationValueFilter').implement({
    description:
      'A value of the observation or of one of its components. Give `quantity` or `coded`, ' +
      'not both.',
    fields: (t) => ({
      codes: t.field({
        type: [CodeInput],
        description:
          'What the value is of: the observation or component has any of these codes. ' +
          'Absent: anything.',
      }),
      quantity: t.field({
        type: QuantityFilterRef,
        description: 'An amount within these bounds. Absent where `coded` is given.',
      }),
      coded: t.field({
        type: [CodeInput],
        description: `Any of these codes, ${UP_TO_CODES}. Absent where \`quantity\` is given.`,
      }),
    }),
  });
}

function addCodeInput<Opened>(builder: Builder<Opened>) {
  return builder.inputRef<Code>('CodeInput').implement({
    description: 'A code of a terminology.',
    fields: (t) => ({
      system: t.field({
        type: 'URI',
        required: true,
        description: 'The terminology, for example http://loinc.org.',
      }),
      code: t.string({
        required: true,
        description: 'The code, case-sensitive.',
      }),
    }),
  });
}
