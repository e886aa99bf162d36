import { type GraphQLSchema, graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnchor, checkRecord } from '../../src/client/evidence/check.js';
import { recordsIn } from '../../src/client/evidence/file.js';
import { PermitSet } from '../../src/consent/gate/permit.js';
import { codeOf } from '../../src/core/errors.js';
import { EVIDENCE_FIELDS } from '../../src/core/evidence/evidence-wire.js';
import { toInstitutionId } from '../../src/core/ids.js';
import type { Question } from '../../src/graph/ask.js';
import { DatabaseTrials } from '../../src/trials/database.js';
import { importTrials } from '../../src/trials/import.js';
import { NetworkTrials } from '../../src/trials/network.js';
import { trialsSubgraph } from '../../src/trials/subgraph.js';
import { anchor, proverOf, readerOf } from '../support/consent/evidence-log.js';
import { openFeedNetwork } from '../support/consent/feed-network.js';
import { askNodesOf, lyingNode, schemaNode } from '../support/trials/ask-schemas.js';
import { v2Study } from '../support/trials/studies.js';

const SPONSOR = toInstitutionId('northwind-trials');
const NOBODY = PermitSet.mint([], []);
const NAMES = new Map([['Northwind Trials', SPONSOR]]);
const EVIDENCE = `evidence { ${EVIDENCE_FIELDS} }`;
/** Every field of a trial, each with all of its own. */
const WHOLE = `id title status phase conditions keywords sponsorName sponsor { id } study { registryId }
  sites { facility city country institution { id } } custodian { id } summary
  eligibility { text sex minimumAge maximumAge healthyVolunteers }
  enrollment startDate completionDate ${EVIDENCE}`;

const feeds = await openFeedNetwork(SPONSOR);
afterAll(() => feeds.close());
const { db } = feeds.feedOf(SPONSOR);
const asked: Question<unknown>[] = [];
const node = trialsSubgraph(new DatabaseTrials(db, SPONSOR, proverOf(feeds, SPONSOR)));
const network = trialsSubgraph(
  new NetworkTrials(askNodesOf([schemaNode(SPONSOR, node, NOBODY)], asked), () => true),
);

const take = (...titles: string[]) =>
  importTrials(
    db,
    { studies: titles.map((title, i) => studyOf(`NCT9000000${i}`, title)) },
    { file: 'a', names: NAMES },
  );

function studyOf(id: string, briefTitle: string) {
  const { protocolSection } = v2Study(id, {
    contactsLocationsModule: { locations: [{ facility: 'Northwind Trials', city: 'Madison' }] },
  }) as { protocolSection: Record<string, object> };
  const identificationModule = { ...protocolSection.identificationModule, briefTitle };
  return { protocolSection: { ...protocolSection, identificationModule } };
}

async function ask(source: string, schema = network) {
  const contextValue = { opened: NOBODY, requestId: 'test' };
  const result = await graphql({ schema, source, contextValue });
  expect(result.errors).toBeUndefined();
  return JSON.parse(JSON.stringify(result.data));
}

/** The codes of what could not be answered. */
async function codesOf(source: string, schema: GraphQLSchema): Promise<readonly string[]> {
  const contextValue = { opened: NOBODY, requestId: 'test' };
  const { errors = [] } = await graphql({ schema, source, contextValue });
  return errors.map(({ originalError }) => codeOf(originalError));
}

const trial = (id: string, fields: string) => ask(`{ trial(id: "${id}") { ${fields} } }`);

beforeAll(async () => {
  await take('First', 'Second', 'Third');
  await anchor(feeds, SPONSOR);
});

describe("a trial's evidence", () => {
  test('proves every field of the answer, through the network as at the node', async () => {
    const query = `{ trials { nodes { ${WHOLE} } } }`;
    const answers = [await ask(query, node), await ask(query)];
    expect(answers[1]).toEqual(answers[0]);
    const found = recordsIn(answers[1]);
    expect(found).toHaveLength(3);
    for (const { record, evidence } of found) {
      if (!evidence) throw new Error('anchored');
      expect(checkRecord(record, evidence).whole).toHaveLength(16);
      await expect(checkAnchor(evidence, readerOf(feeds))).resolves.toBeDefined();
    }
  });

  test('is found by id, by reference and through fragments', async () => {
    const byReference = `{ _entities(representations: [{ __typename: "Trial", id: "NCT90000001" }]) {
      ... on Trial { id title ${EVIDENCE} } } }`;
    const byFragment = `query { trial(id: "NCT90000001") { id ...Proven } }
      fragment Proven on Trial { title ... on Trial { ${EVIDENCE} } }`;
    const answers = [
      await ask(byReference),
      await ask(byFragment),
      await trial('NCT90000001', `id title ${EVIDENCE}`),
    ];
    for (const answer of answers) {
      const [found] = recordsIn(answer);
      if (!found?.evidence) throw new Error('anchored');
      expect(checkRecord(found.record, found.evidence).whole).toEqual(['id', 'title']);
    }
  });

  test('is made for those who ask for it alone', async () => {
    asked.length = 0;
    await ask('{ trials { nodes { id title } } trial(id: "NCT90000001") { id } }');
    await ask(`{ trials { nodes { ${EVIDENCE} } } trial(id: "NCT90000001") { ${EVIDENCE} } }`);
    expect(asked.map(({ variables }) => variables.evidence)).toEqual([false, false, true, true]);
  });

  test('is null for a newer version until that is anchored, and the older stays proven', async () => {
    const before = await trial('NCT90000002', WHOLE);
    await take('First', 'Second', 'Third, amended');
    expect(await trial('NCT90000002', `title ${EVIDENCE}`)).toEqual({
      trial: { title: 'Third, amended', evidence: null },
    });
    await anchor(feeds, SPONSOR);
    const after = await trial('NCT90000002', WHOLE);
    for (const answer of [before, after]) {
      const [found] = recordsIn(answer);
      if (!found?.evidence) throw new Error('anchored');
      expect(checkRecord(found.record, found.evidence).whole).toHaveLength(16);
    }
    const [older] = recordsIn(before);
    const [newer] = recordsIn(after);
    if (!older?.evidence || !newer) throw new Error('both are proven');
    const { evidence } = older;
    expect(() => checkRecord(newer.record, evidence)).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH', facts: { field: 'title' } }),
    );
  });

  test('of the same record imported again is the one it had', async () => {
    const leafOf = async () => (await trial('NCT90000000', 'evidence { leaf }')).trial.evidence;
    const before = await leafOf();
    await take('First');
    await anchor(feeds, SPONSOR);
    expect(await leafOf()).toEqual(before);
  });

  test('is null for a trial that was imported before there was a log', async () => {
    await db.transaction((tx) =>
      tx.execute("UPDATE trial SET leaf = NULL WHERE id = 'NCT90000001'"),
    );
    expect(await trial('NCT90000001', `id ${EVIDENCE}`)).toEqual({
      trial: { id: 'NCT90000001', evidence: null },
    });
  });
});

describe('a node that answers', () => {
  const lying = async (change: (evidence: Record<string, object>) => object) => {
    const { trial: honest } = await trial('NCT90000000', WHOLE);
    const { study: _, ...row } = honest;
    const entity = { ...row, evidence: change(honest.evidence) };
    const schema = trialsSubgraph(
      new NetworkTrials(askNodesOf([lyingNode(SPONSOR, { _entities: [entity] })]), () => true),
    );
    return { schema, source: `{ trial(id: "NCT90000000") { id ${EVIDENCE} } }` };
  };

  test('as it should is shown', async () => {
    const { source, schema } = await lying((evidence) => evidence);
    expect((await ask(source, schema)).trial.id).toBe('NCT90000000');
  });

  test.each<[string, (evidence: Record<string, object>) => object]>([
    [
      "another institution's anchor",
      ({ anchor, ...rest }) => ({
        ...rest,
        anchor: { ...anchor, institution: { id: 'southwind-trials' } },
      }),
    ],
    [
      'evidence of another form',
      ({ proof, ...rest }) => ({ ...rest, proof: { ...proof, form: 'x' } }),
    ],
    [
      'a path without end',
      ({ proof, ...rest }) => ({
        ...rest,
        proof: {
          ...proof,
          inclusion: { index: 0, size: 1, path: Array(65).fill(`0x${'0'.repeat(64)}`) },
        },
      }),
    ],
  ])('with %s is malformed', async (_what, change) => {
    const { source, schema } = await lying(change);
    expect(await codesOf(source, schema)).toEqual(['SOURCE_UNAVAILABLE']);
  });
});
