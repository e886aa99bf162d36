import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnchor, checkRecord } from '../../src/client/evidence/check.js';
import { type FoundRecord, recordsIn } from '../../src/client/evidence/file.js';
import { type PartnerPermit, PermitSet } from '../../src/consent/gate/permit.js';
import { EVIDENCE_FIELDS } from '../../src/core/evidence/evidence-wire.js';
import { toInstitutionId } from '../../src/core/ids.js';
import { DatabaseSupply } from '../../src/supply/database.js';
import { importEpcis } from '../../src/supply/import.js';
import { NetworkSupply } from '../../src/supply/network.js';
import { generateSupply, seedLots, seedSerials } from '../../src/supply/seed.js';
import { supplySubgraph } from '../../src/supply/subgraph.js';
import { anchor, proverOf, readerOf } from '../support/consent/evidence-log.js';
import { openFeedNetwork } from '../support/consent/feed-network.js';
import { epcisDocument, type Json } from '../support/supply/documents.js';
import { askNodesOf, schemaNode } from '../support/trials/ask-schemas.js';

const SEED = { seed: 7, nowMs: Date.UTC(2026, 6, 1), packs: 60 };
const MAKER = toInstitutionId('helix-pharma');
const PHARMACY = toInstitutionId('corner-pharmacy');
const PARTNER_PERMIT: PartnerPermit = {
  role: 'TRADING_PARTNER',
  party: '9525678000004',
  study: undefined,
  nullifier: '1',
  expires: 5_000_000_000,
};
const PARTNER = PermitSet.mint([], [PARTNER_PERMIT]);

const feeds = await openFeedNetwork(MAKER, PHARMACY);
afterAll(() => feeds.close());
const nodes = [MAKER, PHARMACY].map((id) => {
  const { db, clock } = feeds.feedOf(id);
  const source = new DatabaseSupply(db, id, clock, proverOf(feeds, id));
  return schemaNode(id, supplySubgraph(source), PARTNER);
});
const network = supplySubgraph(new NetworkSupply(askNodesOf(nodes)));

const WHOLE = `eventId type action bizStep disposition eventTime readPoint bizLocation epcs
  declaredInError custodian { id } evidence { ${EVIDENCE_FIELDS} }`;
const [{ gtin } = { gtin: '' }] = seedLots(SEED);
const [serial = ''] = seedSerials(SEED.seed, gtin, 1);
const PACK = `https://id.gs1.org/01/${gtin}/21/${serial}`;

async function trace(epc: string, fields = WHOLE) {
  const source = `{ trace(epc: "${epc}") { events { ${fields} } } }`;
  const contextValue = { opened: PARTNER, requestId: 'test' };
  const result = await graphql({ schema: network, source, contextValue });
  expect(result.errors).toBeUndefined();
  return JSON.parse(JSON.stringify(result.data));
}

function check({ record, evidence }: FoundRecord): string[] {
  if (!evidence) throw new Error('anchored');
  const { whole, some } = checkRecord(record, evidence);
  return [...whole, ...some.map(({ field }) => field)].sort();
}

beforeAll(async () => {
  for (const [institution, documents] of generateSupply(SEED)) {
    for (const document of documents) {
      await importEpcis(feeds.feedOf(institution).db, document, { file: 'seed' });
    }
  }
  for (const id of [MAKER, PHARMACY]) await anchor(feeds, id);
});

/** That the partner is a party to a thing: it was shipped to it. */
const shippedTo = (epc: string, number: number): Json => ({
  type: 'ObjectEvent',
  eventID: `urn:uuid:00000000-0000-4000-8000-00000000010${number}`,
  action: 'OBSERVE',
  bizStep: 'shipping',
  epcList: [epc],
  eventTime: '2026-04-01T10:00:00.000Z',
  eventTimeZoneOffset: '+00:00',
  destinationList: [{ type: 'owning_party', destination: 'urn:epc:id:pgln:9525678.00000' }],
});

describe("an event's evidence", () => {
  test('proves every field of every event of a trace, by whichever institution it was captured', async () => {
    const found = recordsIn(await trace(PACK));
    expect(found.length).toBeGreaterThan(3);
    const custodians = new Set(found.map(({ evidence }) => evidence?.anchor.institution));
    expect(custodians).toEqual(new Set([MAKER, PHARMACY]));
    for (const one of found) {
      expect(check(one)).toHaveLength(11);
      if (!one.evidence) throw new Error('anchored');
      await expect(checkAnchor(one.evidence, readerOf(feeds))).resolves.toBeDefined();
    }
  });

  test('shows no other thing that the event touched than the trace does', async () => {
    const { trace: traced } = await trace(PACK);
    const touchesMore = recordsIn(traced).filter(({ evidence }) => {
      const { shown, hidden } = evidence?.proof.parts ?? { shown: [], hidden: [] };
      return hidden.length > 0 && shown.some(({ name }) => name === 'epcs[]');
    });
    expect(touchesMore.length).toBeGreaterThan(0);
    for (const { record, evidence } of recordsIn(traced)) {
      const shown = evidence?.proof.parts.shown.filter(({ name }) => name === 'epcs[]') ?? [];
      expect(shown).toHaveLength((record.epcs as string[]).length);
    }
  });

  test('refuses a pack that the event did not touch, another time and another place', async () => {
    const [first] = recordsIn(await trace(PACK));
    if (first === undefined) throw new Error('traced');
    const { record } = first;
    for (const change of [
      { epcs: [`${PACK}0`] },
      { eventTime: '2026-01-01T00:00:00.000Z' },
      { readPoint: null },
      { bizStep: 'shipping ' },
      { custodian: { id: PHARMACY === first.evidence?.anchor.institution ? MAKER : PHARMACY } },
    ]) {
      expect(() => check({ ...first, record: { ...record, ...change } })).toThrow(
        expect.objectContaining({ code: 'EVIDENCE_RECORD_MISMATCH' }),
      );
    }
  });

  test('of a declaration that the event is in error replaces that of the event, which stays', async () => {
    const { db } = feeds.feedOf(MAKER);
    const event = {
      type: 'ObjectEvent',
      eventID: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      action: 'OBSERVE',
      bizStep: 'shipping',
      epcList: ['urn:epc:id:sgtin:0614141.107346.2017'],
      eventTime: '2026-05-01T10:00:00.000Z',
      eventTimeZoneOffset: '+00:00',
    };
    const item = 'https://id.gs1.org/01/10614141073464/21/2017';
    const capture = async (one: Json) => {
      await importEpcis(db, epcisDocument([one]), { file: 'a' });
      await anchor(feeds, MAKER);
      return recordsIn(await trace(item)).filter(({ record }) => record.eventId === event.eventID);
    };
    await capture(shippedTo('urn:epc:id:sgtin:0614141.107346.2017', 1));
    const [before] = await capture(event);
    const declared = { errorDeclaration: { declarationTime: '2026-05-02T10:00:00.000Z' } };
    const [after] = await capture({ ...event, ...declared });
    if (!before || !after) throw new Error('traced');
    expect(after.record.declaredInError).toBe('2026-05-02T10:00:00.000Z');
    expect([check(before), check(after)]).toEqual([check(before), check(before)]);
    expect(() => check({ ...after, evidence: before.evidence })).toThrow(
      expect.objectContaining({ facts: { field: 'declaredInError' } }),
    );
  });

  test('is null until its custodian has anchored it', async () => {
    await importEpcis(
      feeds.feedOf(PHARMACY).db,
      epcisDocument([
        {
          type: 'ObjectEvent',
          eventID: 'urn:uuid:00000000-0000-4000-8000-000000000002',
          action: 'OBSERVE',
          epcList: ['urn:epc:id:sgtin:0614141.107346.2018'],
          eventTime: '2026-05-01T10:00:00.000Z',
          eventTimeZoneOffset: '+00:00',
        },
        shippedTo('urn:epc:id:sgtin:0614141.107346.2018', 2),
      ]),
      { file: 'b' },
    );
    const { trace: traced } = await trace('https://id.gs1.org/01/10614141073464/21/2018');
    const unproven = { custodian: { id: PHARMACY }, evidence: null };
    expect(traced.events).toMatchObject([unproven, unproven]);
  });
});
