import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExplainedFields, explainConsent } from '../../../src/consent/disclosures/explain.js';
import { wordsOf } from '../../../src/consent/disclosures/plain-words.js';
import { NO_END_SECONDS, secondsFromIso } from '../../../src/core/time.js';
import { institutionField } from '../../../src/zk/arithmetic/field.js';
import {
  DATA_CLASS_BITS,
  type DataClass,
  DUTY_BITS,
  dutiesOf,
  LABEL_BITS,
  PURPOSE_BITS,
  type Sensitivity,
  scopeOf,
} from '../../../src/zk/vocabulary.js';
import { RIVERSIDE } from '../../support/names.js';

const from = secondsFromIso('2026-01-01T00:00:00Z');
const until = secondsFromIso('2027-01-01T00:00:00Z');
const now = secondsFromIso('2026-06-01T12:00:00Z');

const fields: ExplainedFields = {
  requester: 77n,
  institution: 0n,
  scope: scopeOf({ purposes: ['HRESCH'], dataClasses: ['OBSERVATION'], labels: ['PSY'] }),
  duties: dutiesOf(['NPU']),
  validity: { from: BigInt(from), until: BigInt(until) },
  dataWindow: { from: 0n, until: BigInt(NO_END_SECONDS) },
  withdrawnAt: null,
};
const names = (bits: object) => Object.keys(bits);

describe('explainConsent', () => {
  test.each([
    ['NOT_YET', from - 1, null],
    ['ACTIVE', from, null],
    ['ACTIVE', until - 1, null],
    ['EXPIRED', until, null],
    ['WITHDRAWN', now, now - 5],
    ['WITHDRAWN', until, now],
  ] as const)('says %s at %d, withdrawn at %s', (state, at, withdrawnAt) => {
    const told = explainConsent({ ...fields, withdrawnAt }, at);
    expect(told.state).toBe(state);
    expect(told.sentences[0]).toContain(state === 'WITHDRAWN' ? 'withdrawn' : 'consent');
  });

  test('tells what is let through, and which labels stay withheld', () => {
    const told = explainConsent(fields, now);
    expect(told).toMatchObject({
      requester: '77',
      custodian: null,
      anyCustodian: true,
      purposes: ['HRESCH'],
      dataClasses: ['OBSERVATION'],
      labels: ['PSY'],
      duties: ['NPU'],
      withheldLabels: names(LABEL_BITS).filter((label) => label !== 'PSY'),
      validity: { from, until },
      dataWindow: { from: 0, until: NO_END_SECONDS },
    });
    const text = told.sentences.join('\n');
    expect(text).toContain('from 2026-01-01 on, before 2027-01-01');
    expect(text).toContain('from any time on, without end');
  });

  test('names the custodian that the network lists, and says of another that it does not', () => {
    const to = (id: string) => ({ ...fields, institution: institutionField(id) });
    const known = { institutions: [RIVERSIDE] };
    const told = explainConsent(to(RIVERSIDE), now, known);
    expect(told).toMatchObject({ custodian: RIVERSIDE, anyCustodian: false });
    expect(told.sentences.join()).toContain(`Only the institution ${RIVERSIDE}`);
    const other = explainConsent(to('lakeshore-hospital'), now, known);
    expect(other).toMatchObject({ custodian: null, anyCustodian: false });
    expect(other.sentences.join()).toContain('does not list');
  });

  test('tells every word of the vocabulary in a sentence, none twice and none of its own making', () => {
    const subset = <Name extends string>(bits: Readonly<Record<Name, number>>) =>
      fc.subarray(Object.keys(bits) as Name[], { minLength: 1 });
    const words = [subset(PURPOSE_BITS), subset(DATA_CLASS_BITS)] as const;
    const property = fc.property(
      ...words,
      subset(LABEL_BITS),
      subset(DUTY_BITS),
      (purposes, dataClasses, labels, duties) => {
        const scope = scopeOf({ purposes, dataClasses, labels: labels as Sensitivity[] });
        const told = explainConsent({ ...fields, scope, duties: dutiesOf(duties) }, now);
        const text = told.sentences.join('\n');
        for (const word of [...purposes, ...dataClasses, ...labels, ...duties]) {
          expect(text).toContain(wordsOf(word));
        }
        for (const [bits, granted] of [
          [PURPOSE_BITS, purposes],
          [DUTY_BITS, duties],
        ] as const) {
          for (const word of names(bits).filter((name) => !granted.includes(name as never))) {
            expect(text).not.toContain(wordsOf(word));
          }
        }
        expect([...told.labels, ...told.withheldLabels].sort()).toEqual(names(LABEL_BITS).sort());
      },
    );
    fc.assert(property, { seed: 20_261_126, numRuns: 60, verbose: 1 });
  });

  test('says that only years are told exactly where dates to the day could have been granted', () => {
    const hasClass = Object.hasOwn(DATA_CLASS_BITS, 'EXACT_DATE');
    const said = (dataClasses: DataClass[]) =>
      explainConsent(
        { ...fields, scope: scopeOf({ purposes: ['HRESCH'], dataClasses, labels: [] }) },
        now,
      ).sentences.some((sentence) => sentence.includes('only the year'));
    expect(said(['OBSERVATION'])).toBe(hasClass);
    if (hasClass) expect(said(['OBSERVATION', 'EXACT_DATE' as DataClass])).toBe(false);
  });

  test('refuses a scope that it cannot put into words: nothing is left unsaid', () => {
    const strange = { ...fields, scope: fields.scope | (1n << 95n) };
    expect(() => explainConsent(strange, now)).toThrow(
      expect.objectContaining({ code: 'CODE_UNKNOWN' }),
    );
  });

  test('takes a word that nobody has put into plain English yet by its own name', () => {
    expect(wordsOf('SOME_NEW_CLASS')).toBe('some new class');
    expect(wordsOf('constructor')).toBe('constructor');
  });
});
