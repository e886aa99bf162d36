import type { GraphQLField } from 'graphql';
import type { JsonValues } from './arguments.js';

/** The keys that are given here. A field of such a name has another. */
const OUR_KEY = /^_a[0-9]+$/;

/** What makes two fields of an operation one question: all but the alias that a caller gave it. */
export interface NamedField {
  readonly field: GraphQLField<unknown, unknown>;
  readonly values: JsonValues;
  /** Its type, if a field of the same name may be selected next to it: see shapes.ts. */
  readonly shape: string;
  /** A name of its own for what is asked each time that it is written. */
  readonly once: string;
}

/** The response keys and the variables of one document of ours, in the order of their first use. */
export interface Names {
  /** Under which key a field is answered, and how it is written: `_a0: trials(first: $v0)`. */
  nameOf(named: NamedField): { readonly key: string; readonly head: string };
  /** `($v0: Int)`, or nothing. */
  definitions(): string;
  readonly values: JsonValues;
}

/**
 * A field without arguments is answered under its own name, as the planner asks for keys: so neither
 * asks for it twice. Any other has an alias that is the same wherever the same is asked.
 */
export function createNames(): Names {
  const known = new Map<string, { readonly key: string; readonly head: string }>();
  const values: Record<string, unknown> = {};
  const types: string[] = [];
  let aliases = 0;

  function write({ field, values: given }: NamedField): string {
    const parts = Object.entries(given).map(([name, value]) => {
      const variable = `v${types.length}`;
      types.push(String(field.args.find((argument) => argument.name === name)?.type));
      values[variable] = value;
      return `${name}: $${variable}`;
    });
    return parts.length === 0 ? field.name : `${field.name}(${parts.join(', ')})`;
  }

  return {
    values,
    nameOf(named) {
      const { field, shape, once, values: given } = named;
      const isPlain =
        shape === '' && once === '' && Object.keys(given).length === 0 && !OUR_KEY.test(field.name);
      if (isPlain) return { key: field.name, head: field.name };
      // What is asked once under its name needs no comparing of its values, which may be large.
      const signature = once === '' ? `${field.name} ${shape} ${JSON.stringify(given)}` : once;
      let name = known.get(signature);
      if (name === undefined) {
        const key = `_a${aliases++}`;
        name = { key, head: `${key}: ${write(named)}` };
        known.set(signature, name);
      }
      return name;
    },
    definitions: () =>
      types.length === 0 ? '' : `(${types.map((type, i) => `$v${i}: ${type}`).join(', ')})`,
  };
}
