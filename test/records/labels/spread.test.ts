import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dropLinks, type Holder, keepLinks } from '../../../src/records/labels/spread.js';
import { type Database, rowsOf } from '../../../src/store/database.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

/*
 * Labels as they become batch by batch, beside those that every way through all links gives: whatever
 * order, with new versions and deletions, and with resources that have no record or never come.
 */

let db: Database;
let close: () => Promise<void>;
const statements: string[] = [];
beforeAll(async () => {
  const server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
  db = await server.open('riverside-hospital');
  close = () => server.close();
});
afterAll(() => close());
beforeEach(empty);

const nameOf = (at: number) => ({ server: '', type: 'X', id: `x${at}` });

async function empty(): Promise<void> {
  await db.transaction(async (tx) => {
    for (const table of ['resource', 'clinical_record', 'resource_link']) {
      await tx.execute(`DELETE FROM ${table}`);
    }
  });
}

/** A resource as one of these versions has it. */
interface Given {
  readonly at: number;
  readonly labels: number;
  /** Of a type that has records. */
  readonly isRecord: boolean;
  readonly held: readonly { readonly at: number; readonly covers: boolean }[];
}

/** The stored resources of one run, and what each of them holds. */
class Model {
  readonly known = new Map<number, Given>();
  readonly records = new Set<number>();

  /** By following every way from a label down links that cover, then up all links. */
  expected(): Readonly<Record<string, number>> {
    const labels = new Map([...this.records].map((at) => [at, 0]));
    for (const { at, labels: own } of this.known.values()) {
      if (own === 0) continue;
      const down = this.closure(
        [at],
        ({ held }, one) => held.find((link) => link.at === one)?.covers,
      );
      const up = this.closure(down, ({ held }, one) => held.some((link) => link.at === one), true);
      for (const one of up) {
        const before = labels.get(one);
        if (before !== undefined) labels.set(one, before | own);
      }
    }
    return Object.fromEntries([...labels].map(([at, bits]) => [`x${at}`, bits]));
  }

  private closure(
    from: readonly number[],
    links: (holder: Given, held: number) => boolean | undefined,
    isUp = false,
  ): readonly number[] {
    const reached = new Set(from);
    for (const at of reached) {
      for (let one = 0; one < RESOURCES; one += 1) {
        const holder = this.known.get(isUp ? one : at);
        if (holder !== undefined && links(holder, isUp ? at : one) === true) reached.add(one);
      }
    }
    return [...reached];
  }
}

const RESOURCES = 9;
const given = fc.record({
  at: fc.nat(RESOURCES - 1),
  labels: fc.constantFrom(0, 0, 0, 0, 1, 2),
  isRecord: fc.constantFrom(true, true, false),
  held: fc.uniqueArray(fc.record({ at: fc.nat(RESOURCES - 1), covers: fc.boolean() }), {
    maxLength: 3,
    selector: ({ at }) => at,
  }),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.uniqueArray(given, { minLength: 1, maxLength: 4, selector: ({ at }) => at }),
  },
  { weight: 1, arbitrary: fc.nat(RESOURCES - 1) },
);

/** As an import stores them: the rows with labels of their own, then the links. */
async function take(model: Model, batch: readonly Given[]): Promise<void> {
  const holders: Holder[] = [];
  for (const { at, labels, held } of batch) {
    const replaces = model.known.has(at);
    holders.push({
      name: nameOf(at),
      encounter: undefined,
      labels,
      replaces,
      held: held.map((one) => ({ name: nameOf(one.at), covers: one.covers })),
    });
  }
  for (const one of batch) model.known.set(one.at, one);
  for (const { at, isRecord } of batch) {
    if (isRecord) model.records.add(at);
    else model.records.delete(at);
  }
  await db.transaction(async (tx) => {
    const rows = JSON.stringify(batch.map(({ at, ...one }) => ({ ...nameOf(at), ...one })));
    const given = sql`jsonb_to_recordset(${rows}::jsonb)
      AS given(server text, type text, id text, labels bigint, "isRecord" boolean)`;
    await tx.execute(sql`
      INSERT INTO resource (server, type, id, source, hash, deleted, labels, json)
      SELECT server, type, id, '', '', false, labels, 'null' FROM ${given}
      ON CONFLICT (type, id, server) DO UPDATE SET labels = excluded.labels`);
    await tx.execute(sql`DELETE FROM clinical_record WHERE id IN (SELECT id FROM ${given})`);
    await tx.execute(sql`
      INSERT INTO clinical_record SELECT server, type, id, 'ana', 0, 0, 0, 0, 0, 0, labels, '{}', '{}',
        '[]', 'null' FROM ${given} WHERE "isRecord"`);
    await keepLinks(tx, holders);
  });
}

/** What is deleted keeps its labels, for those that told of it. */
async function remove(model: Model, at: number): Promise<void> {
  const before = model.known.get(at);
  if (before === undefined) return;
  model.known.set(at, { ...before, held: [] });
  model.records.delete(at);
  await db.transaction(async (tx) => {
    await tx.execute(sql`DELETE FROM clinical_record WHERE id = ${nameOf(at).id}`);
    await dropLinks(tx, [nameOf(at)]);
  });
}

async function stored(): Promise<Readonly<Record<string, number>>> {
  const found = await db.transaction((tx) =>
    tx.execute('SELECT id, labels::integer FROM clinical_record'),
  );
  const rows = rowsOf<{ id: string; labels: number }>(found);
  return Object.fromEntries(rows.map(({ id, labels }) => [id, labels]));
}

/** Those that lack a label. */
function uncovered(
  labels: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): readonly string[] {
  const ids = Object.keys({ ...labels, ...expected });
  return ids.filter((id) => ((labels[id] ?? 0) | (expected[id] ?? 0)) !== labels[id]);
}

describe('labels batch by batch', () => {
  test('are those of all ways through all links', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        await empty();
        const model = new Model();
        for (const one of steps) {
          await (typeof one === 'number' ? remove(model, one) : take(model, one));
          const [labels, expected] = [await stored(), model.expected()];
          if (!steps.some((each) => typeof each === 'number')) expect(labels).toEqual(expected);
          // What told of something that told of more keeps that label when it is deleted.
          expect(uncovered(labels, expected)).toEqual([]);
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  const plain = (at: number, ...held: readonly number[]): Given => ({
    at,
    labels: 0,
    isRecord: true,
    held: held.map((one) => ({ at: one, covers: true })),
  });
  const isWalk = (statement: string) => statement.includes('RECURSIVE');

  test('without a label nearby are not spread; with one at either end they are', async () => {
    const model = new Model();
    await take(model, [plain(1), plain(2, 1)]);
    statements.length = 0;
    await take(model, [plain(3, 2), plain(4, 3, 1)]);
    expect(statements.filter(isWalk)).toEqual([]);
    await take(model, [{ ...plain(5, 4), labels: 1 }]);
    expect(statements.filter(isWalk)).toHaveLength(1);
    await take(model, [plain(6, 4)]);
    expect(statements.filter(isWalk)).toHaveLength(2);
    expect(await stored()).toEqual({ x1: 1, x2: 1, x3: 1, x4: 1, x5: 1, x6: 1 });
  });

  test('come through what has no record, however many of them', async () => {
    const model = new Model();
    const without = (at: number, ...held: readonly number[]) => ({
      ...plain(at, ...held),
      isRecord: false,
    });
    await take(model, [{ ...plain(1), labels: 2 }]);
    await take(model, [without(2, 1)]);
    await take(model, [without(3, 2)]);
    await take(model, [plain(4, 3), plain(7, 8)]);
    // x8 never comes, and x0 tells of it too.
    await take(model, [{ ...plain(0, 8), labels: 1 }]);
    expect(await stored()).toEqual({ x0: 1, x1: 2, x4: 2, x7: 1 });
  });
});
