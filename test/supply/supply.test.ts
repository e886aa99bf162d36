import { type GraphQLSchema, graphql, printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PartnerPermit, PermitSet } from '../../src/consent/gate/permit.js';
import { clockOf } from '../../src/core/clock.js';
import { toInstitutionId } from '../../src/core/ids.js';
import type { Question } from '../../src/graph/ask.js';
import type { DatabaseServer } from '../../src/store/database.js';
import { DatabaseSupply } from '../../src/supply/database.js';
import { importEpcis } from '../../src/supply/import.js';
import { NetworkSupply } from '../../src/supply/network.js';
import { generateSupply, seedLots, seedSerials } from '../../src/supply/seed.js';
import { supplySubgraph } from '../../src/supply/subgraph.js';
import type { AccreditationRole } from '../../src/zk/vocabulary.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';
import {
  askNodesOf,
  deadNode,
  lyingNode,
  type NodeUnderTest,
  schemaNode,
} from '../support/trials/ask-schemas.js';

const SEED = { seed: 7, nowMs: Date.UTC(2026, 6, 1), packs: 200 };
const LOTS = seedLots(SEED);
const MAKER = 'helix-pharma';
const PHARMACY = 'corner-pharmacy';
/** Of the pharmacy as the shipments name it, urn:epc:id:pgln:9525678.00000. */
const PHARMACY_GLN = '9525678000004';
const MAKER_PGLN = 'urn:epc:id:pgln:9521234.00000';
const NOBODY = PermitSet.mint([], []);
const PARTNER = partner('TRADING_PARTNER');
const statements: string[] = [];
const schemas = new Map<string, GraphQLSchema>();
let server: DatabaseServer;

beforeAll(async () => {
  server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
  for (const [institution, documents] of generateSupply(SEED)) {
    const db = await server.open(institution);
    for (const [i, document] of documents.entries()) {
      const report = await importEpcis(db, document, { file: `${i}` });
      expect(report.refused).toEqual([]);
    }
    const clock = clockOf(() => SEED.nowMs);
    schemas.set(institution, supplySubgraph(new DatabaseSupply(db, institution, clock)));
  }
});
afterAll(() => server.close());

function partner(role: AccreditationRole, party = PHARMACY_GLN) {
  const permit: PartnerPermit = {
    role,
    party,
    study: undefined,
    nullifier: '1',
    expires: 5_000_000_000,
  };
  return PermitSet.mint([], [permit]);
}

function schemaOf(institution: string): GraphQLSchema {
  const schema = schemas.get(institution);
  if (schema === undefined) throw new Error('no such node');
  return schema;
}

const node = (institution: string, opened: PermitSet) =>
  schemaNode(institution, schemaOf(institution), opened);

function networkOf(nodes: readonly NodeUnderTest[], asked?: Question<unknown>[]) {
  return supplySubgraph(
    new NetworkSupply(
      askNodesOf(nodes, asked),
      clockOf(() => SEED.nowMs),
    ),
  );
}

const bothWith = (opened: PermitSet) => networkOf([node(MAKER, opened), node(PHARMACY, opened)]);

async function ask(schema: GraphQLSchema, source: string, opened: unknown = NOBODY) {
  const contextValue = { opened, requestId: 'test' };
  const result = await graphql({ schema, source, contextValue });
  return JSON.parse(JSON.stringify(result));
}

/** A pack of the n-th lot, and its place in it. */
function packOf(lot: number, place: number) {
  const { gtin, lot: number, expiry } = LOTS[lot] ?? LOTS[0] ?? ({} as never);
  const serial = seedSerials(SEED.seed, gtin, place + 1)[place] ?? '';
  return { gtin, serial, lot: number, expiry };
}

const verifyField = (pack: ReturnType<typeof packOf>) =>
  `verifyProduct(gtin: "${pack.gtin}", serial: "${pack.serial}", lot: "${pack.lot}",
     expiry: "${pack.expiry}")`;
const linkOf = ({ gtin, serial }: ReturnType<typeof packOf>) =>
  `https://id.gs1.org/01/${gtin}/21/${serial}`;

async function verdictOf(schema: GraphQLSchema, pack: ReturnType<typeof packOf>) {
  const { data } = await ask(schema, `{ ${verifyField(pack)} { verified reason complete } }`);
  return data.verifyProduct;
}

describe('the generated packs', () => {
  test('are the same bytes for the same seed, and others for another', () => {
    const bytes = (seed: number) => JSON.stringify([...generateSupply({ ...SEED, seed })]);
    expect(bytes(7)).toBe(bytes(7));
    expect(bytes(8)).not.toBe(bytes(7));
  });

  test('are as many as asked for, in every lot some, none from the future', () => {
    const texts = [...generateSupply(SEED).values()].flat().map((one) => JSON.stringify(one));
    const serials = new Set(texts.join('').match(/urn:epc:id:sgtin:[\d.]+/g));
    expect(serials.size).toBe(SEED.packs);
    const times = texts.join('').match(/(?<="eventTime":")[^"]+/g) ?? [];
    expect(times.every((time) => Date.parse(time) < SEED.nowMs)).toBe(true);
    expect(LOTS.every(({ expiry }) => Date.parse(expiry) > SEED.nowMs)).toBe(true);
  });
});

describe('a verification', () => {
  const good = packOf(0, 0);

  test.each([
    ['as printed', good, { verified: true, reason: null }],
    ['of an unknown serial', { ...good, serial: '1' }, { verified: false, reason: 'NOT_FOUND' }],
    [
      'of a known serial under another GTIN',
      { ...good, gtin: packOf(1, 0).gtin },
      { verified: false, reason: 'NOT_FOUND' },
    ],
    ['with another lot', { ...good, lot: 'X' }, { verified: false, reason: 'MISMATCH_LOT' }],
    [
      'with another expiry',
      { ...good, expiry: '2030-01-01' },
      { verified: false, reason: 'MISMATCH_EXPIRY' },
    ],
    ['of a recalled lot', packOf(9, 0), { verified: false, reason: 'RECALLED' }],
  ])('%s', async (_, pack, verdict) => {
    const expected = { ...verdict, complete: true };
    expect(await verdictOf(schemaOf(MAKER), pack)).toEqual(expected);
    expect(await verdictOf(networkOf([node(MAKER, NOBODY)]), pack)).toEqual(expected);
  });

  test('is asked of manufacturers alone', async () => {
    const asked: Question<unknown>[] = [];
    await verdictOf(networkOf([node(MAKER, NOBODY)], asked), good);
    expect(asked.map(({ of }) => of)).toEqual([{ roles: ['MANUFACTURER'] }]);
  });

  test('could not be made while a manufacturer is silent: not a negative result', async () => {
    const unable = { verified: null, reason: 'SOURCE_UNAVAILABLE', complete: false };
    expect(await verdictOf(networkOf([deadNode(MAKER)]), good)).toEqual(unable);
    const other = [deadNode(MAKER), node(PHARMACY, NOBODY)];
    expect(await verdictOf(networkOf(other), good)).toEqual(unable);
  });

  test('holds while another manufacturer is silent, and says that it is', async () => {
    const nodes = [node(MAKER, NOBODY), deadNode('other-pharma')];
    expect(await verdictOf(networkOf(nodes), good)).toEqual({
      verified: true,
      reason: null,
      complete: false,
    });
  });

  test.each([
    ['a yes with a reason', { verified: true, reason: 'RECALLED' }],
    ['a no without one', { verified: false, reason: null }],
    ['no word', { verified: null, reason: 'SOURCE_UNAVAILABLE' }],
    ['no verification', null],
  ])('by a node that answers %s is malformed', async (_, verifyProduct) => {
    const liar = lyingNode('other-pharma', { verifyProduct });
    const { data } = await ask(
      networkOf([liar]),
      `{ ${verifyField(good)} { verified sources { status } } }`,
    );
    expect(data.verifyProduct).toEqual({ verified: null, sources: [{ status: 'UNAVAILABLE' }] });
  });

  test.each([
    [
      { ...good, gtin: `${good.gtin.slice(0, 13)}${(Number(good.gtin[13]) + 1) % 10}` },
      'ID_MALFORMED',
    ],
    [{ ...good, serial: 'a b' }, 'ID_MALFORMED'],
    [{ ...good, lot: 'x'.repeat(21) }, 'ID_MALFORMED'],
    [{ ...good, expiry: '2027-02-30' }, 'BAD_INPUT'],
    [{ ...good, expiry: '2027' }, 'BAD_INPUT'],
  ])('of %j is refused', async (pack, code) => {
    const contextValue = { opened: NOBODY, requestId: 'test' };
    const { errors } = await graphql({
      schema: schemaOf(MAKER),
      source: `{ ${verifyField(pack)} { verified } }`,
      contextValue,
    });
    expect(errors?.[0]?.originalError).toMatchObject({ code });
  });
});

describe('a trace without a permit', () => {
  const known = linkOf(packOf(0, 0));
  const fields = '{ item hasMore events { eventId } containments { parent } }';

  test.each([
    ['nobody', NOBODY],
    ['a researcher', partner('RESEARCHER')],
    ['a payer', partner('PAYER')],
    ['a provider', partner('PROVIDER')],
  ])(
    'is null for %s: at the root, by alias, in a fragment, known or unknown',
    async (_, opened) => {
      const source = `
      query Q { trace(epc: "${known}") ${fields} again: trace(epc: "${known}") ${fields}
        unknown: trace(epc: "https://id.gs1.org/01/${packOf(0, 0).gtin}/21/0") ${fields} ...F }
      fragment F on Query { inside: trace(epc: "${known}") { events { eventId } } }`;
      for (const institution of [MAKER, PHARMACY]) {
        const { data, errors } = await ask(schemaOf(institution), source, opened);
        expect(errors).toBeUndefined();
        expect(data).toEqual({ trace: null, again: null, unknown: null, inside: null });
      }
      const { data } = await ask(bothWith(opened), source);
      expect(data).toEqual({ trace: null, again: null, unknown: null, inside: null });
    },
  );

  test('asks the database nothing, so that no time tells what is there', async () => {
    statements.length = 0;
    await ask(schemaOf(MAKER), `{ trace(epc: "${known}") ${fields} }`);
    expect(statements).toEqual([]);
  });
});

describe('a trace with a permit', () => {
  const pack = packOf(0, 0);
  const trace = `{ trace(epc: "${linkOf(pack)}") {
    events { bizStep eventTime epcs custodian { id } } complete hasMore
    sources { institution { id } status } } }`;
  const stepsOf = (answer: { events: { bizStep: string; custodian: { id: string } }[] }) =>
    answer.events.map(({ bizStep, custodian }) => `${custodian.id} ${bizStep}`);

  test('tells the whole way of a pack, through its case, across institutions, in time order', async () => {
    const { data } = await ask(bothWith(PARTNER), trace);
    expect(stepsOf(data.trace)).toEqual([
      'helix-pharma commissioning',
      'helix-pharma packing',
      'helix-pharma shipping',
      'corner-pharmacy receiving',
      'corner-pharmacy unpacking',
    ]);
    expect(data.trace).toMatchObject({ complete: true, hasMore: false });
    const times = data.trace.events.map(({ eventTime }: { eventTime: string }) => eventTime);
    expect(times).toEqual([...times].sort());
  });

  test('is the same by URN and by Digital Link', async () => {
    const urn = `urn:epc:id:sgtin:9521234.000101.${pack.serial}`;
    const { data } = await ask(bothWith(PARTNER), trace.replace(linkOf(pack), urn));
    expect(data.trace.events).toHaveLength(5);
  });

  test('names no other pack of the events and cases on the way', async () => {
    const { data } = await ask(bothWith(PARTNER), trace);
    const packs = new Set(JSON.stringify(data).match(/\/21\/\d+/g));
    expect([...packs]).toEqual([`/21/${pack.serial}`]);
  });

  test('stays silent on the counter: a dispensed pack has no moment of handing out', async () => {
    const dispensed = packOf(0, 4);
    const raw = JSON.stringify(generateSupply(SEED).get(toInstitutionId(PHARMACY)));
    const handedOut = new RegExp(`"epcList":\\["[^"]*${dispensed.serial}"\\],[^{}]*"dispensing"`);
    expect(raw).toMatch(handedOut);
    for (const schema of [schemaOf(PHARMACY), bothWith(PARTNER)]) {
      const source = trace.replace(linkOf(pack), linkOf(dispensed));
      const { data } = await ask(schema, source, PARTNER);
      expect(data.trace.events.length).toBeGreaterThan(0);
      expect(stepsOf(data.trace).join()).not.toContain('dispensing');
    }
  });

  test('narrows to a time', async () => {
    const { data: whole } = await ask(bothWith(PARTNER), trace);
    const from = whole.trace.events[1].eventTime;
    const until = whole.trace.events[3].eventTime;
    const bounded = trace.replace('")', `", from: "${from}", until: "${until}")`);
    const { data } = await ask(bothWith(PARTNER), bounded);
    expect(stepsOf(data.trace)).toEqual(['helix-pharma packing', 'helix-pharma shipping']);
  });

  test('of an unknown item is empty, not absent', async () => {
    const source = trace.replace(linkOf(pack), `https://id.gs1.org/01/${pack.gtin}/21/0`);
    const { data } = await ask(bothWith(PARTNER), source);
    expect(data.trace).toMatchObject({ events: [], complete: true });
  });

  test.each([
    ['by its GLN', PHARMACY_GLN],
    ['by its PGLN', 'urn:epc:id:pgln:9525678.00000'],
    ['by its Digital Link', 'https://id.gs1.org/417/9525678000004'],
    ['and so is who ships', MAKER_PGLN],
  ])('is for who receives, named %s', async (_, party) => {
    const { data } = await ask(bothWith(partner('TRADING_PARTNER', party)), trace);
    expect(stepsOf(data.trace)).toHaveLength(5);
  });

  test.each([
    ['an organisation that no event of it names', '9529999000009'],
    ['a place of the pharmacy, which owns nothing', '9525678000011'],
    ['an id that is no GLN', 'corner-pharmacy'],
    ['none', ''],
  ])('party-of-another: tells %s nothing, as of an unknown item', async (_, party) => {
    const stranger = partner('TRADING_PARTNER', party);
    const unknown = trace.replace(linkOf(pack), `https://id.gs1.org/01/${pack.gtin}/21/0`);
    for (const schema of [schemaOf(MAKER), schemaOf(PHARMACY), bothWith(stranger)]) {
      for (const item of [linkOf(pack), ...casesOf(pack.serial)]) {
        const { data } = await ask(schema, trace.replace(linkOf(pack), item), stranger);
        const { data: nothing } = await ask(schema, unknown, stranger);
        expect(data.trace).toEqual(nothing.trace);
        expect(data.trace).toMatchObject({ events: [], hasMore: false });
      }
    }
  });

  test('party-of-another: aliases and fragments open no more than one field does', async () => {
    const stranger = partner('TRADING_PARTNER', '9529999000009');
    const events = '{ events { eventId } }';
    const source = `query Q { one: trace(epc: "${linkOf(pack)}") ${events}
      two: trace(epc: "${linkOf(pack)}") { ...F } }
      fragment F on Trace ${events}`;
    const { data } = await ask(schemaOf(MAKER), source, stranger);
    expect(data).toEqual({ one: { events: [] }, two: { events: [] } });
  });

  test('is for one of several parties as for each of them, and for both at once', async () => {
    const [one, other] = ['9529999000009', PHARMACY_GLN].map((party) => ({
      role: 'TRADING_PARTNER' as const,
      party,
      study: undefined,
      nullifier: '1',
      expires: 5_000_000_000,
    }));
    const both = PermitSet.mint(
      [],
      [one, other].flatMap((permit) => permit ?? []),
    );
    const { data } = await ask(bothWith(both), trace);
    expect(stepsOf(data.trace)).toHaveLength(5);
  });

  /** The SSCCs of the cases, as the maker's packing names them. */
  function casesOf(serial: string): readonly string[] {
    const raw = JSON.stringify(generateSupply(SEED).get(toInstitutionId(MAKER)));
    const packing = new RegExp(`"parentID":"([^"]+)","childEPCs":\\[[^\\]]*${serial}"`);
    const [, found] = packing.exec(raw) ?? [];
    if (found === undefined) throw new Error('packed');
    return [found];
  }

  test('a dead node costs its own events, and the answer says so', async () => {
    const schema = networkOf([node(MAKER, PARTNER), deadNode(PHARMACY)]);
    const { data } = await ask(schema, trace);
    expect(stepsOf(data.trace)).toHaveLength(3);
    expect(data.trace.complete).toBe(false);
    expect(data.trace.sources).toContainEqual({
      institution: { id: PHARMACY },
      status: 'UNAVAILABLE',
    });
  });

  test('a node that has been shown nothing is NOT_PRESENTED, and the answer incomplete', async () => {
    const schema = networkOf([node(MAKER, PARTNER), node(PHARMACY, NOBODY)]);
    const { data } = await ask(schema, trace);
    expect(data.trace.sources).toEqual([
      { institution: { id: PHARMACY }, status: 'NOT_PRESENTED' },
      { institution: { id: MAKER }, status: 'OK' },
    ]);
    expect(data.trace.complete).toBe(false);
  });

  test('asks a node as many statements for a pack of a large case as for one alone', async () => {
    statements.length = 0;
    await ask(schemaOf(MAKER), trace, PARTNER);
    expect(statements.filter((statement) => statement.startsWith('select'))).toHaveLength(4);
  });

  const event = {
    eventId: 'urn:uuid:1',
    type: 'ObjectEvent',
    action: 'OBSERVE',
    bizStep: null,
    disposition: null,
    eventTime: '2026-03-01T00:00:00.000Z',
    readPoint: null,
    bizLocation: null,
    epcs: [linkOf(pack)],
    declaredInError: null,
    custodian: { id: 'evil-pharma' },
  };

  test.each([
    ["speaks of another's events", { ...event, custodian: { id: MAKER } }],
    ['has a time that is none', { ...event, eventTime: 'soon' }],
    ['has an item in no canonical form', { ...event, epcs: ['urn:epc:id:sgtin:9521234.000101.1'] }],
    ['carries what was not asked', { ...event, patient: 'x' }],
    ['has no type', { ...event, type: 'PatientEvent' }],
  ])('a node whose event %s is malformed and costs no other', async (_, row) => {
    const answer = { trace: { hasMore: false, events: [row], containments: [] } };
    const schema = networkOf([lyingNode('evil-pharma', answer), node(MAKER, PARTNER)]);
    const { data } = await ask(schema, trace);
    expect(data.trace.sources[0]).toMatchObject({ status: 'UNAVAILABLE' });
    expect(stepsOf(data.trace)).toHaveLength(3);
  });

  test('a node cannot slip in events of things that the trace does not follow', async () => {
    const stray = { ...event, eventId: 'urn:uuid:2', epcs: [linkOf(packOf(1, 1))] };
    const answer = { trace: { hasMore: false, events: [stray, event], containments: [] } };
    const schema = networkOf([lyingNode('evil-pharma', answer), node(MAKER, PARTNER)]);
    const { data } = await ask(schema, trace);
    expect(stepsOf(data.trace)).toHaveLength(4);
    expect(JSON.stringify(data)).not.toContain(packOf(1, 1).serial);
  });

  test.each([
    ['"urn:epc:id:sgtin:1.2.3"', 'ID_MALFORMED'],
    [
      `"${linkOf(pack)}", from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z"`,
      'PERIOD_EMPTY',
    ],
  ])('refuses %s', async (args, code) => {
    const contextValue = { opened: PARTNER, requestId: 'test' };
    const source = `{ trace(epc: ${args}) { item } }`;
    const { errors } = await graphql({ schema: schemaOf(MAKER), source, contextValue });
    expect(errors?.[0]?.originalError).toMatchObject({ code });
  });
});

describe('a lot', () => {
  const [first, second] = LOTS;
  const fields =
    'gtin lot expiry product { name } recall { since custodian { id } } holders { id } complete';
  const entities = (...keys: string[]) =>
    `{ _entities(representations: [${keys.join(' ')}]) { ... on Lot { ${fields} } } }`;
  const key = (gtin?: string, lot?: string) =>
    `{ __typename: "Lot", gtin: "${gtin}", lot: "${lot}" }`;

  test('is public: product, expiry and every holder, and no serial', async () => {
    const { data } = await ask(
      bothWith(NOBODY),
      `{ lot(gtin: "${first?.gtin}", lot: "${first?.lot}") { ${fields} } }`,
    );
    expect(data.lot).toEqual({
      gtin: first?.gtin,
      lot: first?.lot,
      expiry: first?.expiry,
      product: { name: first?.product },
      recall: null,
      holders: [{ id: PHARMACY }, { id: MAKER }],
      complete: true,
    });
  });

  test('says since when it is recalled, and by whom', async () => {
    const last = LOTS.at(-1);
    const { data } = await ask(bothWith(NOBODY), entities(key(last?.gtin, last?.lot)));
    expect(data._entities[0].recall).toMatchObject({ custodian: { id: MAKER } });
  });

  const nameOf = (one: { product: { name: string } | null }) => one.product?.name;
  const holderCount = (one: { holders: object[] }) => one.holders.length;

  test('that nobody knows is null at the root, and a wrong key is refused there', async () => {
    const { data } = await ask(
      bothWith(NOBODY),
      `{ lot(gtin: "${first?.gtin}", lot: "NONE") { lot } }`,
    );
    expect(data.lot).toBeNull();
    const contextValue = { opened: NOBODY, requestId: 'test' };
    const source = '{ lot(gtin: "1", lot: "x") { lot } }';
    const { errors } = await graphql({ schema: schemaOf(MAKER), source, contextValue });
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'ID_MALFORMED' });
  });

  test('references of one request are one call, known, unknown and impossible ones', async () => {
    const source = entities(
      key(first?.gtin, first?.lot),
      key(first?.gtin, 'NONE'),
      key('1', 'x'),
      key(second?.gtin, second?.lot),
      key(second?.gtin, first?.lot),
    );
    for (const schema of [schemaOf(MAKER), bothWith(NOBODY)]) {
      statements.length = 0;
      const { data } = await ask(schema, source);
      expect(data._entities.map(nameOf)).toEqual([
        first?.product,
        undefined,
        undefined,
        second?.product,
        undefined,
      ]);
      expect(data._entities.map(holderCount)).toEqual(
        schema === schemaOf(MAKER) ? [1, 0, 0, 1, 0] : [2, 0, 0, 2, 0],
      );
      // An unknown lot keeps the key that another subgraph knows it by.
      expect(data._entities[2]).toMatchObject({ gtin: '1', lot: 'x', complete: true });
      const selects = statements.filter((statement) => statement.startsWith('select'));
      expect(selects.length).toBeLessThanOrEqual(schema === schemaOf(MAKER) ? 2 : 4);
    }
  });

  test('keeps what one node knows while another is dead, and says that one is', async () => {
    const schema = networkOf([node(PHARMACY, NOBODY), deadNode(MAKER)]);
    const { data } = await ask(schema, entities(key(first?.gtin, first?.lot)));
    expect(data._entities[0]).toMatchObject({
      product: null,
      holders: [{ id: PHARMACY }],
      complete: false,
    });
  });

  test('a node that names another as holder is malformed', async () => {
    const row = { gtin: first?.gtin, lot: first?.lot, expiry: null, product: null, recall: null };
    const liar = lyingNode('evil-pharma', { _entities: [{ ...row, holders: [{ id: MAKER }] }] });
    const schema = networkOf([liar, node(PHARMACY, NOBODY)]);
    const { data } = await ask(schema, entities(key(first?.gtin, first?.lot)));
    expect(data._entities[0]).toMatchObject({ holders: [{ id: PHARMACY }], complete: false });
  });
});

test('a node and the network answer the same schema', () => {
  expect(printSchema(networkOf([]))).toBe(printSchema(schemaOf(MAKER)));
});
