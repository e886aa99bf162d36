import { type ConstValueNode, Kind, type NameNode, type ValueNode } from 'graphql';

export function nameOf(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

/** An enum's value: a name in a document, and a string in JSON. */
export class EnumWord {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A plain value as a document writes it. */
export function literalOf(value: unknown): ConstValueNode {
  if (value instanceof EnumWord) return { kind: Kind.ENUM, value: value.text };
  if (value === null) return { kind: Kind.NULL };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (typeof value === 'string') return { kind: Kind.STRING, value };
  if (typeof value === 'number') {
    return { kind: Number.isInteger(value) ? Kind.INT : Kind.FLOAT, value: String(value) };
  }
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(literalOf) };
  return objectNodeOf(
    Object.entries(value as object).map(([name, one]) => [name, literalOf(one)]),
  ) as ConstValueNode;
}

export function objectNodeOf(fields: readonly (readonly [string, ValueNode])[]): ValueNode {
  return {
    kind: Kind.OBJECT,
    fields: fields.map(([name, value]) => ({
      kind: Kind.OBJECT_FIELD,
      name: nameOf(name),
      value,
    })),
  };
}
