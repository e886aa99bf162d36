import { describe, expect, test } from 'vitest';
import {
  type OwnAnswer,
  parseOwnConsents,
  parseOwnDisclosures,
} from '../../../../src/consent/answers/my/network-answers.js';
import type { ReleasePlace } from '../../../../src/consent/disclosures/release-place.js';
import { toPseudonym } from '../../../../src/core/ids.js';
import { idOfDisclosure } from '../../../../src/graph/node/id.js';
import { now } from '../../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE, STUDY } from '../../../support/names.js';

/** What a node may say of itself when a study key asks: a throw here makes it UNAVAILABLE. */
const of = { study: STUDY, pseudonym: toPseudonym('12') };

describe("a node's disclosures", () => {
  const record = {
    at: now,
    study: STUDY,
    pseudonym: '12',
    handle: '7',
    purpose: 'HRESCH',
    dataClass: 'CONDITION',
    count: 2,
  };
  const numbered = (id: number, custodian = LAKESHORE) => idOfDisclosure({ custodian, id });
  const answer = (change: object = {}, node: object = {}) => ({
    my: {
      refused: [],
      disclosures: {
        nodes: [{ id: numbered(5), record: { ...record, ...change }, ...node }],
        pageInfo: { hasNextPage: true },
      },
    },
  });
  const place: ReleasePlace = { at: now, custodian: LAKESHORE, id: 9 };
  const read = (data: unknown, after: ReleasePlace | undefined = undefined, first = 2) =>
    parseOwnDisclosures(of, { first, after })(data, LAKESHORE);

  test('are taken as they were logged', () => {
    expect(read(answer())).toEqual({
      taken: { rows: [{ id: 5, custodian: LAKESHORE, record, evidence: null }], hasNextPage: true },
    });
    expect(read(answer(), place)).toHaveProperty('taken');
  });

  test.each([
    ["another's", answer({ pseudonym: '13' })],
    ['of another study', answer({ study: 'NCT00000002' })],
    ['with a member that was not logged', answer({ requester: '5' })],
    ['of no row', answer({ count: 0 })],
    ['of a class that nobody knows', answer({ dataClass: 'EVERYTHING' })],
    ['under a number that is none', answer({}, { id: numbered(-5) })],
    ["under another custodian's number", answer({}, { id: numbered(5, RIVERSIDE) })],
    ['under a number without its custodian', answer({}, { id: '5' })],
    ['with evidence of no form', answer({}, { evidence: { leaf: '0x1' } })],
    ['beside two refusals', { my: { ...answer().my, refused: [{ code: 'BAD_INPUT' }, {}] } }],
  ])('%s are not taken', (_why, data) => {
    expect(() => read(data)).toThrow();
  });

  test.each([
    ['the same place', { ...place, id: 5 }],
    ['an earlier page', { ...place, at: now - 1 }],
    ['a custodian that comes later', { ...place, custodian: 'aspen-hospital' }],
  ])('from %s on are not accepted: a client that reads on would never end', (_why, after) => {
    expect(() => read(answer(), after)).toThrow();
  });

  test('are not taken where another page follows no row, and are where none does', () => {
    const ending = (hasNextPage: boolean) => ({
      my: { refused: [], disclosures: { nodes: [], pageInfo: { hasNextPage } } },
    });
    expect(read(ending(false))).toEqual({ taken: { rows: [], hasNextPage: false } });
    expect(() => read(ending(true))).toThrow();
  });

  test('are not taken beyond the page that was asked for', () => {
    const two = answer().my.disclosures.nodes.flatMap((one) => [one, { ...one, id: numbered(4) }]);
    const data = {
      my: { ...answer().my, disclosures: { ...answer().my.disclosures, nodes: two } },
    };
    expect(read(data)).toHaveProperty('taken');
    expect(() => read(data, undefined, 1)).toThrow();
  });
});

describe("a node's consents", () => {
  const consent = {
    subtreeKey: 'subtree-key-of-a-tests',
    index: 1,
    leaf: '1',
    serial: '2',
    handle: '3',
    requester: '4',
    policy: '5',
    purposes: ['HRESCH'],
    dataClasses: ['CONDITION'],
    labels: [],
    duties: [],
    custodian: null,
    validity: { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
    dataWindow: { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
    registeredAt: '2026-01-01T00:00:00Z',
    withdrawnAt: null,
  };
  const read = (change: object, more: object = {}): OwnAnswer<readonly unknown[]> => {
    const consents = [{ ...consent, ...change }];
    const my = { study: STUDY, pseudonym: '12', refused: [], consents, ...more };
    return parseOwnConsents(of)({ my }, RIVERSIDE);
  };

  test('are its own, whatever it says', () => {
    const own = { institution: RIVERSIDE, custodian: RIVERSIDE };
    expect(read({ custodian: { id: RIVERSIDE } })).toMatchObject({ taken: [own] });
    expect(read({}, { refused: [{ code: 'SIGNATURE_INVALID' }] })).toEqual({
      refused: 'SIGNATURE_INVALID',
    });
  });

  test.each([
    ['for another custodian', { custodian: { id: LAKESHORE } }, {}],
    ['of another', {}, { pseudonym: '13' }],
    ['of another study', {}, { study: 'NCT00000002' }],
    ['with a purpose that nobody knows', { purposes: ['MARKETING'] }, {}],
    ['refused with a code that is none', {}, { refused: [{ code: 'secret words' }] }],
  ])('%s are not taken', (_why, change, more) => {
    expect(() => read(change, more)).toThrow();
  });
});
