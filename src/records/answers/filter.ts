import type { Builder } from '../../graph/builder.js';
import type { FilterShape } from '../kinds/kind.js';
import { MAX_CODES, type QuantityFilter, type RecordFilter, type ValueFilter } from './question.js';
import type { Code } from './records-source.js';

const UP_TO_CODES = `${MAX_CODES} at most`;

type CodeInputRef<Opened> = ReturnType<typeof addCodeInput<Opened>>;

/** As it comes from the wire; beside these, under the name of the kind's own range, a TimeRange. */
export type WhereInput = Omit<RecordFilter, 'period'>;

/** Gives back the way to add a kind's filter. Called once: they share their inputs. */
export function addFilterInputs<Opened>(builder: Builder<Opened>) {
  const CodeInput = addCodeInput(builder);
  const TimeRange = builder.inputType('TimeRange', {
    description:
      'A span of time, half-open: `from` is in it, `until` is not. Without EXACT_DATE a row lies at ' +
      'the beginning of its year.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', description: 'The first moment. Absent: no lower end.' }),
      until: t.field({
        type: 'DateTime',
        description: 'The first moment after it. Absent: no upper end.',
      }),
    }),
  });
  const ValueFilterRef = addValueFilter(builder, CodeInput);

  return function addFilter(name: string, { range, codes, categories, value }: FilterShape) {
    return builder.inputRef<WhereInput>(`${name}Filter`).implement({
      description: `Which ${name} rows. A row has to meet all that is given.`,
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
      'A value that the observation or one of its components has. Give `quantity` or `coded`, not both.',
    fields: (t) => ({
      codes: t.field({
        type: [CodeInput],
        description:
          'What it is the value of: the observation or component has any of these codes. Absent: of anything.',
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
        description: 'The code; letters of another case do not match.',
      }),
    }),
  });
}
