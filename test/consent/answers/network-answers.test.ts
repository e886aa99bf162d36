import { describe, expect, test } from 'vitest';
import {
  parseAccesses,
  parseErased,
  parseLinked,
  parseOutcome,
  parseRegistered,
} from '../../../src/consent/answers/network-answers.js';
import { ERROR_CODES } from '../../../src/core/error-codes.js';
import { isoFromSeconds } from '../../../src/core/time.js';
import { DAY, now } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, OTHER_STUDY, RIVERSIDE, STUDY } from '../../support/names.js';

/** What a dishonest or broken node may answer: each throws, so that its source is UNAVAILABLE. */
describe('an outcome', () => {
  const outcome = { institution: { id: RIVERSIDE }, status: 'OK', accepted: 1, refused: [] };
  const refusal = { index: 1, code: 'PROOF_INVALID' };
  const parse = (outcomes: unknown, sent = 1) =>
    parseOutcome(sent)({ presented: { outcomes } }, RIVERSIDE);

  test('keeps index and code, and tells them in our own words', () => {
    const told = { ...refusal, message: '<script>', retry: 'LATER' };
    const { refused } = parse([{ ...outcome, refused: [told] }], 2);
    expect(refused).toMatchObject([{ index: 1, code: 'PROOF_INVALID', retry: 'NEVER' }]);
    expect(JSON.stringify(refused)).not.toContain('script');
  });

  test.each(['PURPOSE_MISMATCH', 'REQUEST_MISMATCH', 'ROOT_STALE', 'CONSENT_WITHDRAWN'] as const)(
    'refused by name is told by that name: %s',
    (code) => {
      const { refused } = parse([{ ...outcome, refused: [{ index: 1, code }] }], 2);
      expect(refused.map((one) => [one.code, one.message])).toEqual([[code, ERROR_CODES[code]]]);
    },
  );

  test.each([
    ['of another institution', [{ ...outcome, institution: { id: LAKESHORE } }], 1],
    ['of two institutions', [outcome, { ...outcome, institution: { id: LAKESHORE } }], 1],
    ['of none', [], 1],
    ['of more than was sent', [{ ...outcome, accepted: 2 }], 1],
    ['of less than was sent', [outcome], 2],
    ['beyond what was sent', [{ ...outcome, refused: [{ ...refusal, index: 2 }] }], 2],
    ['twice of the same', [{ ...outcome, accepted: 0, refused: [refusal, refusal] }], 2],
    ['with a code that is none', [{ ...outcome, refused: [{ ...refusal, code: 'NO' }] }], 2],
    [
      'with a name every object has',
      [{ ...outcome, refused: [{ ...refusal, code: 'toString' }] }],
      2,
    ],
  ])('%s is not taken', (_why, outcomes, sent) => {
    expect(() => parse(outcomes, sent)).toThrow();
  });
});

describe('an access', () => {
  const access = {
    presented: 1,
    purpose: 'TREAT',
    dataClasses: ['CONDITION'],
    labels: [],
    dataWindow: { from: isoFromSeconds(now - DAY), until: isoFromSeconds(now) },
    expires: isoFromSeconds(now + DAY),
  };
  const sources = [{ institution: { id: RIVERSIDE }, status: 'OK' }];
  const parse = (entities: unknown) =>
    parseAccesses([STUDY, OTHER_STUDY])({ _entities: entities }, RIVERSIDE);

  test('is read in the order asked', () => {
    const [first, second] = parse([
      { registryId: STUDY, access, sources },
      { registryId: OTHER_STUDY, access: null, sources },
    ]);
    expect(first?.access).toEqual({
      ...access,
      study: STUDY,
      dataWindow: { from: now - DAY, until: now },
      expires: now + DAY,
    });
    expect(second).toEqual({ access: null, status: 'OK' });
  });

  test.each([
    [
      'in another order',
      [
        { registryId: OTHER_STUDY, access, sources },
        { registryId: STUDY, access: null, sources },
      ],
    ],
    ['for one study of two', [{ registryId: STUDY, access, sources }]],
    [
      'with no participant',
      [
        { registryId: STUDY, access: { ...access, presented: 0 }, sources },
        { registryId: OTHER_STUDY, access: null, sources },
      ],
    ],
    [
      'with an unknown class',
      [
        { registryId: STUDY, access: { ...access, dataClasses: ['GENOME'] }, sources },
        { registryId: OTHER_STUDY, access: null, sources },
      ],
    ],
    [
      'with the word of another institution',
      [
        { registryId: STUDY, access, sources },
        {
          registryId: OTHER_STUDY,
          access: null,
          sources: [{ ...sources[0], institution: { id: 'other' } }],
        },
      ],
    ],
  ])('%s is not taken', (_why, entities) => {
    expect(() => parse(entities)).toThrow();
  });
});

/** An institution's word, which a gateway passes on as it is. */
const signed = {
  nonce: 'n'.repeat(16),
  at: now,
  anchorBy: now + 150,
  signature: `0x${'1'.repeat(130)}`,
};
const inIso = { ...signed, at: isoFromSeconds(now), anchorBy: isoFromSeconds(now + 150) };

describe('a receipt', () => {
  const receipt = {
    __typename: 'ConsentReceipt',
    institution: { id: RIVERSIDE },
    index: 1,
    leaf: '5',
    subtreeKey: 'subtree-key-of-a-tests',
    registeredAt: isoFromSeconds(now),
    signed: inIso,
  };

  test.each([
    ['of another institution', { ...receipt, institution: { id: LAKESHORE } }],
    ['outside the shard', { ...receipt, index: 2 ** 20 }],
    ['with no subtree key', { ...receipt, subtreeKey: 'short' }],
    ['of no leaf', { ...receipt, leaf: '05' }],
    ['that refuses nothing', { __typename: 'Refusals', refused: [] }],
    ['of another kind', { ...receipt, __typename: 'LinkReceipt' }],
    ['without a signature', { ...receipt, signed: null }],
    ['with one of another form', { ...receipt, signed: { ...inIso, signature: '0x11' } }],
  ])('%s is not taken', (_why, result) => {
    expect(() => parseRegistered({ result }, RIVERSIDE)).toThrow();
  });

  test('of a link names the institution asked', () => {
    const receipt = { __typename: 'LinkReceipt', institution: { id: RIVERSIDE }, pseudonym: '7' };
    const link = { ...receipt, proxyUntil: isoFromSeconds(now), confirmed: false, signed: inIso };
    expect(parseLinked({ result: link }, RIVERSIDE)).toEqual({
      institution: RIVERSIDE,
      pseudonym: '7',
      proxyUntil: now,
      confirmed: false,
      signed,
    });
    const own = parseLinked({ result: { ...link, proxyUntil: null } }, RIVERSIDE);
    expect(own).toMatchObject({ proxyUntil: null });
    expect(() => parseLinked({ result: link }, LAKESHORE)).toThrow();
  });
});

describe('an erasure', () => {
  const of = { __typename: 'ErasureReceipt', institution: { id: RIVERSIDE } };
  const receipt = { ...of, erased: 2, signed: inIso };

  test('is read as the node told it', () => {
    expect(parseErased(2)({ result: receipt }, RIVERSIDE)).toEqual({
      institution: RIVERSIDE,
      erased: 2,
      signed,
    });
  });

  test.each([
    ['of more than was sent', receipt, 1, RIVERSIDE],
    ['of another institution', receipt, 2, LAKESHORE],
    ['of less than nothing', { ...receipt, erased: -1 }, 2, RIVERSIDE],
    ['refused without a word', { __typename: 'Refusals', refused: [] }, 2, RIVERSIDE],
  ])('%s is not taken', (_why, result, sent, asked) => {
    expect(() => parseErased(sent)({ result }, asked)).toThrow();
  });
});
