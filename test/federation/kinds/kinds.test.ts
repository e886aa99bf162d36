import { describe, expect, test } from 'vitest';
import { composeSubgraphs } from '../../../src/federation/compose.js';
import { type Compose, composeWithApollo, graphOf } from '../executor/graph-of.js';
import { ENTITY_KINDS } from './entities.js';
import type { Kind } from './kind.js';
import { SHAPE_KINDS } from './shapes.js';

const KINDS = [...ENTITY_KINDS, ...SHAPE_KINDS];

/** What is answered, and what ought to be. */
async function answersOf({ parts, asked }: Kind, compose: Compose) {
  const graph = await graphOf(parts, compose);
  const answers = [];
  for (const { query, variables, data, errors = [] } of asked) {
    const { status, ...answer } = await graph.ask(query, variables);
    const places = answer.errors?.map(({ path }) => path) ?? [];
    answers.push({
      is: { status, data: answer.data, places: status === 200 ? places : [] },
      // Without data there, a document is no valid one of the graph.
      ought: { status: data === undefined ? 400 : 200, data, places: errors },
    });
  }
  return answers;
}

describe.each<[string, Compose]>([
  ["Apollo's composer", composeWithApollo],
  ["the product's composer", composeSubgraphs],
])('over a supergraph of %s', (name, compose) => {
  const isOurs = compose === composeSubgraphs;
  test.each(KINDS.filter(({ unlikeReference }) => !isOurs || unlikeReference === undefined))(
    '$what',
    async (kind) => {
      for (const { is, ought } of await answersOf(kind, compose)) expect(is, name).toEqual(ought);
    },
  );
});

describe("what the product's composer does not do as the reference does: see docs/upstream.md", () => {
  test.each(KINDS.filter(({ unlikeReference }) => unlikeReference !== undefined))(
    '$what: $unlikeReference',
    async (kind) => {
      const answered = answersOf(kind, composeSubgraphs);
      if (kind.unlikeReference === 'refused') await expect(answered).rejects.toThrow();
      else expect((await answered).some(({ is, ought }) => !equal(is, ought))).toBe(true);
    },
  );
});

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
