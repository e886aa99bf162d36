import type { Parts } from '../executor/graph-of.js';

/** A kind of thing that subgraphs may do together, as small as it shows. */
export interface Kind {
  readonly what: string;
  readonly parts: Parts;
  readonly asked: readonly AskedOfKind[];
  /** What the composer that the product runs with does otherwise than the reference; see docs/upstream.md. */
  readonly unlikeReference?: 'refused' | 'answered otherwise';
}

export interface AskedOfKind {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly data: unknown;
  /** Places of the errors. */
  readonly errors?: readonly (readonly (string | number)[])[];
}

/** Finds by id: what most reference resolvers of these tests do. */
export const byId =
  <Row extends { readonly id: string }>(rows: readonly Row[]) =>
  async ({ id }: { readonly id: string }): Promise<Row | null> =>
    rows.find((row) => row.id === id) ?? null;
