import type { Builder } from '../graph/builder.js';
import type { FilterShape } from './kinds.js';
import type { RecordFilter } from './question.js';
import type { Code } from './source.js';

/** As it comes from the wire; beside these, under the name of the kind's own range, a TimeRange. */
export interface WhereInput {
  readonly codes?: readonly Code[] | null | undefined;
  readonly categories?: readonly string[] | null | undefined;
}

/** Gives back the way to add a kind's filter. Called once: they share their inputs. */
export function addFilterInputs<Opened>(builder: Builder<Opened>) {
  const CodeInput = builder.inputType('CodeInput', {
    fields: (t) => ({
      system: t.field({ type: 'URI', required: true }),
      code: t.string({ required: true }),
    }),
  });
  const TimeRange = builder.inputType('TimeRange', {
    description: 'From is in it, until is not; a missing end is open.',
    fields: (t) => ({ from: t.field({ type: 'DateTime' }), until: t.field({ type: 'DateTime' }) }),
  });

  return function addFilter(name: string, { range, categories }: FilterShape) {
    return builder.inputRef<WhereInput>(`${name}Filter`).implement({
      fields: (t) => ({
        codes: t.field({
          type: [CodeInput],
          description: 'Any of these; a component of an observation is found by its code too.',
        }),
        ...(categories === null
          ? {}
          : { categories: t.stringList({ description: `Any of these ${categories} codes.` }) }),
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
  const { codes, categories } = where ?? {};
  const { [range]: period } = (where ?? {}) as Readonly<Record<string, RecordFilter['period']>>;
  return { codes, categories, period };
}
