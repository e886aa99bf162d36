import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { majorityOf, type PatientProxy, requireProxy } from '../../../src/consent/base/proxy.js';
import { issueLinkCode, linkPatient } from '../../../src/consent/registration/link.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { pastSubject, researchSubject } from '../../../src/consent/tables/table-study.js';
import { isoFromSeconds, secondsFromIso } from '../../../src/core/time.js';
import { openHospital } from '../../support/consent/hospital.js';
import {
  confirmAs,
  knowStudy,
  linkWallet,
  type StudyWallet,
  studyWallet,
} from '../../support/consent/study-wallet.js';
import { STUDY } from '../../support/names.js';

const refused = (code: string) => expect.objectContaining({ code });
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};

describe('majority', () => {
  test.each([
    ['2010-06-15', 18, '2028-06-15'],
    ['2010-06-15', 21, '2031-06-15'],
    ['2010-06', 18, '2028-06-01'],
    ['2010', 18, '2028-01-01'],
    ['2008-02-29', 18, '2026-03-01'],
    ['2008-02-29', 20, '2028-02-29'],
  ])('of one born %s comes after %d years on %s', (birthDate, years, day) => {
    expect(isoFromSeconds(majorityOf(birthDate, years)).slice(0, 10)).toBe(day);
  });

  test.each([undefined, '', '10-06-2010', '2010-6-1', '2010-06-15T00:00:00Z'])(
    'cannot be told from %s',
    (birthDate) => {
      expect(codeOf(() => majorityOf(birthDate, 18))).toBe('BIRTH_DATE_MISSING');
    },
  );

  test('leaves no moment at which neither patient nor parent may sign, and none at which both may', () => {
    const property = fc.property(fc.integer({ min: -5, max: 5 }), (offset) => {
      const majorityAt = 4_000_000_000;
      const now = majorityAt + offset;
      const asked = [undefined, 'PRN'].map((who) =>
        codeOf(() => requireProxy(who, majorityAt, now)),
      );
      expect(asked.filter((answer) => typeof answer === 'string')).toHaveLength(1);
    });
    fc.assert(property, { seed: 20_261_126, verbose: 1 });
  });

  test.each(['SPS', 'prn', 'constructor', ''])('is stood in for by no %s', (relationship) => {
    expect(codeOf(() => requireProxy(relationship, 10, 5))).toBe('CODE_UNKNOWN');
  });

  test('ends a guardian of a minor; an adult has one without a date', () => {
    expect(requireProxy('GUARD', 10, 9)).toEqual({ relationship: 'GUARD', until: 10 });
    expect(requireProxy('GUARD', 10, 10)).toEqual({ relationship: 'GUARD', until: null });
    expect(requireProxy(undefined, 10, 10)).toBeNull();
  });
});

const hospital = await openHospital();
const { context } = hospital;
const MAJORITY = secondsFromIso('2027-01-01T00:00:00Z');
const MOTHER: PatientProxy = { relationship: 'MTH', until: MAJORITY };
const untilMajority = (wallet: StudyWallet, serial: bigint, past = 0n) =>
  wallet.consent(serial, {
    validity: { from: 0n, until: BigInt(MAJORITY) + past },
  });

async function linkBy(patientId: string, proxy: PatientProxy | null, wallet = studyWallet()) {
  await linkWallet(context, wallet, patientId, proxy);
  return wallet;
}
const rowsOf = (patientId: string) =>
  context.db.transaction(async (tx) => {
    const own = (rows: readonly { patientId: string; pseudonym: string }[]) =>
      rows.filter((row) => row.patientId === patientId).map(({ pseudonym }) => pseudonym);
    const now = own(await tx.select().from(researchSubject));
    return { now, past: own(await tx.select().from(pastSubject)) };
  }, 'read');

beforeAll(() => knowStudy(context));
afterAll(() => hospital.close());

describe('a mother who holds the wallet of her child', () => {
  test('signs until the majority and not a second beyond it', async () => {
    const wallet = await linkBy(randomUUID(), MOTHER);
    const beyond = registerConsent(context, untilMajority(wallet, 1n, 1n));
    await expect(beyond).rejects.toThrow(refused('PAST_MAJORITY'));
    await registerConsent(context, untilMajority(wallet, 1n));
  });

  test("cannot pass as the patient: the key stays a proxy's", async () => {
    const patient = randomUUID();
    const wallet = await linkBy(patient, MOTHER);
    await expect(linkBy(patient, null, wallet)).rejects.toThrow(refused('PROXY_ENDED'));
    const beyond = registerConsent(context, untilMajority(wallet, 1n, 1n));
    await expect(beyond).rejects.toThrow(refused('PAST_MAJORITY'));
  });

  test('is not replaced before the majority, by patient or other proxy', async () => {
    const patient = randomUUID();
    await linkBy(patient, MOTHER);
    for (const proxy of [null, { ...MOTHER, relationship: 'GUARD' } as const]) {
      await expect(linkBy(patient, proxy)).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
    }
  });

  test('takes no link over from a patient who has one', async () => {
    const patient = randomUUID();
    const own = await linkBy(patient, null);
    await expect(linkBy(patient, MOTHER)).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
    await expect(linkBy(patient, MOTHER, own)).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
    await registerConsent(context, untilMajority(own, 1n, 1n));
  });

  test('follows a birth date that the hospital has corrected', async () => {
    const patient = randomUUID();
    const wallet = await linkBy(patient, MOTHER);
    await linkBy(patient, { ...MOTHER, until: MAJORITY - 86_400 }, wallet);
    const late = registerConsent(context, untilMajority(wallet, 1n));
    await expect(late).rejects.toThrow(refused('PAST_MAJORITY'));
  });
});

describe("an adult's proxy", () => {
  test('has no date, and gives way to the patient whom the hospital finds able again', async () => {
    const patient = randomUUID();
    const held = await linkBy(patient, { relationship: 'HPOWATT', until: null });
    await registerConsent(context, untilMajority(held, 1n, 1n));
    const own = await linkBy(patient, null);
    const pseudonyms = { now: [String(own.pseudonym)], past: [String(held.pseudonym)] };
    expect(await rowsOf(patient)).toEqual(pseudonyms);
    const late = registerConsent(context, untilMajority(held, 2n));
    await expect(late).rejects.toThrow(refused('PSEUDONYM_NOT_LINKED'));
  });
});

/** Last: it moves the clock beyond the majority. */
describe('at the majority', () => {
  test("the proxy's key registers nothing more, and the patient links again with another", async () => {
    const patient = randomUUID();
    const held = await linkBy(patient, MOTHER);
    await registerConsent(context, untilMajority(held, 1n));
    const early = await issueLinkCode(context, {
      patientId: patient,
      study: STUDY,
      ttlSeconds: 86_400 * 365,
      proxy: MOTHER,
    });
    const waiting = randomUUID();
    const late = studyWallet();
    hospital.advance((MAJORITY - context.clock.nowSeconds() - 1) * 1000);
    await registerConsent(context, untilMajority(held, 2n));
    const code = await issueLinkCode(context, {
      patientId: waiting,
      study: STUDY,
      ttlSeconds: 600,
      proxy: MOTHER,
    });
    await linkPatient(context, late.linkRequest(context.institution, code));
    hospital.advance(1_000);
    const confirmed = confirmAs(context, { patientId: waiting, proxy: MOTHER }, late, code);
    await expect(confirmed).rejects.toThrow(refused('PROXY_ENDED'));

    const later = held.consent(3n, { validity: { from: 0n, until: BigInt(MAJORITY) + 5n } });
    await expect(registerConsent(context, later)).rejects.toThrow(refused('PROXY_ENDED'));
    const kept = studyWallet().linkRequest(context.institution, early);
    await expect(linkPatient(context, kept)).rejects.toThrow(refused('PROXY_ENDED'));
    await expect(linkBy(patient, null, held)).rejects.toThrow(refused('PROXY_ENDED'));

    const own = await linkBy(patient, null);
    const pseudonyms = { now: [String(own.pseudonym)], past: [String(held.pseudonym)] };
    expect(await rowsOf(patient)).toEqual(pseudonyms);
    await registerConsent(context, own.consent(1n));
    await expect(linkBy(patient, null)).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
    await expect(linkBy(randomUUID(), null, held)).rejects.toThrow(refused('PROXY_ENDED'));
  });

  test('two who answer at once do not both become the patient', async () => {
    const patient = randomUUID();
    const { db } = context;
    const row = { study: STUDY, pseudonym: '123' as never, patientId: patient, linkedAt: 0 };
    const ended = { proxy: 'MTH', proxyUntil: MAJORITY } as const;
    await db.transaction((tx) => tx.insert(researchSubject).values({ ...row, ...ended }));
    const settled = await Promise.allSettled([linkBy(patient, null), linkBy(patient, null)]);
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await rowsOf(patient)).toMatchObject({ past: ['123'] });
  });
});

test("a wallet linked without a word of a proxy is the patient's own", async () => {
  const wallet = studyWallet();
  await linkWallet(context, wallet, randomUUID());
  await registerConsent(context, wallet.consent(1n));
});
