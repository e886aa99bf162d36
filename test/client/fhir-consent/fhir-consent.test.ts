import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConsentPlaintext } from '../../../src/client/consent/wallet.js';
import { fhirConsentOf } from '../../../src/client/fhir-consent/export.js';
import { readFhirConsent } from '../../../src/client/fhir-consent/import.js';
import { FHIR_CONSENT_REASONS } from '../../../src/client/fhir-consent/reason.js';
import { DomainError } from '../../../src/core/errors.js';
import {
  isoFromSeconds,
  MAX_TIME_SECONDS,
  NO_END_SECONDS,
  secondsFromIso,
  UNWRITABLE_SECONDS,
} from '../../../src/core/time.js';
import { fhirValidator, type RequireValid } from '../../../src/records/import/validate.js';
import {
  DATA_CLASS_BITS,
  type DataClass,
  DUTY_BITS,
  type Duty,
  LABEL_BITS,
  PURPOSE_BITS,
  type Purpose,
  type Sensitivity,
} from '../../../src/zk/vocabulary.js';
import {
  classOf,
  data,
  fhirConsent,
  GROUP,
  label,
  PORTAL,
  PRACTITIONER,
  pcfTerms,
  purpose,
  recipient,
} from '../../support/client/fhir-consent-sample.js';
import { nowSeconds, signingWallet } from '../../support/client/sample.js';
import { RIVERSIDE } from '../../support/names.js';

const names = <Name extends string>(bits: Readonly<Record<Name, number>>) =>
  Object.keys(bits) as Name[];
const LABELS = names(LABEL_BITS);
const read = (json: unknown) => readFhirConsent(json, pcfTerms);
const day = (date: string) => secondsFromIso(`${date}T00:00:00Z`);

/** The code, and the reason if there is one. */
function refusalOf(json: unknown): readonly unknown[] {
  try {
    read(json);
  } catch (thrown) {
    if (thrown instanceof DomainError) return [thrown.code, thrown.facts.reason];
    throw thrown;
  }
  return ['taken'];
}
/** What each plaintext says of whom and what for. */
const grants = (json: unknown) =>
  read(json).plaintexts.map(({ requester, purposes, dataClasses, labels }) => ({
    requester,
    purposes,
    dataClasses,
    labels,
  }));
const inner = (...provision: object[]) => ({ provision });
const permit = (rule: object) => ({ type: 'permit', ...rule });
const deny = (rule: object) => ({ type: 'deny', ...rule });
const toPractitioner = { actor: [recipient('Practitioner/ex-practitioner')] };

describe('a FHIR Consent is read', () => {
  test('as what it says, and where it is silent as its policy says', () => {
    expect(read(fhirConsent())).toEqual({
      byProxy: false,
      plaintexts: [
        {
          requester: PORTAL,
          institution: RIVERSIDE,
          purposes: ['HRESCH'],
          dataClasses: ['CONDITION', 'OBSERVATION'],
          labels: [],
          duties: ['NO_REDISCLOSURE'],
          validity: { from: day('2026-02-03'), until: NO_END_SECONDS },
          dataWindow: { from: 0, until: NO_END_SECONDS },
          policyText: pcfTerms.policyText,
        },
      ],
    });
  });

  test('with ends that are inclusive as far as they are told', () => {
    const period = { start: '2026-03', end: '2026-12-31' };
    const dataPeriod = { start: '2020-01-01T10:00:00+01:00', end: '2022' };
    expect(read(fhirConsent({ period, dataPeriod })).plaintexts).toMatchObject([
      {
        validity: { from: day('2026-03-01'), until: day('2027-01-01') },
        dataWindow: { from: secondsFromIso('2020-01-01T09:00:00Z'), until: day('2023-01-01') },
      },
    ]);
  });

  test('as one leaf for each recipient, classes by whole families', () => {
    const actor = [
      recipient('Practitioner/ex-practitioner'),
      recipient('Group/ex-privilegedUsers'),
    ];
    const rule = { actor, class: classOf('Patient', 'Condition') };
    expect(grants(fhirConsent(rule))).toMatchObject([
      { requester: PRACTITIONER, dataClasses: ['DEMOGRAPHICS', 'CONDITION'] },
      { requester: GROUP, dataClasses: ['DEMOGRAPHICS', 'CONDITION'] },
    ]);
  });

  test('as one leaf for each purpose whose classes differ, either way of writing it', () => {
    const research = { purpose: purpose('HRESCH'), class: classOf('Observation') };
    const treatment = { purpose: purpose('TREAT'), class: classOf('Condition') };
    const expected = [
      { purposes: ['HRESCH'], dataClasses: ['OBSERVATION'] },
      { purposes: ['TREAT'], dataClasses: ['CONDITION'] },
    ];
    const nested = fhirConsent({ ...research, ...inner(permit(treatment)) });
    const optIn = fhirConsent({}, { provision: deny(inner(permit(research), permit(treatment))) });
    expect(grants(nested)).toMatchObject(expected);
    expect(grants(optIn)).toMatchObject(expected);
  });

  test.each([
    ['N', []],
    ['N R', LABELS],
    ['N HIV PSY', ['PSY', 'HIV']],
  ])('with the labels %s as %j', (codes, labels) => {
    const securityLabel = label(...codes.split(' '));
    expect(grants(fhirConsent({ securityLabel }))).toMatchObject([{ labels }]);
  });

  test('whose inner permission gives one recipient more labels, for some purposes', () => {
    const rule = permit({
      ...toPractitioner,
      securityLabel: label('PSY'),
      purpose: purpose('TREAT'),
    });
    const base = { purpose: purpose('TREAT', 'HRESCH'), securityLabel: label('N') };
    expect(grants(fhirConsent({ ...base, ...inner(rule) }))).toMatchObject([
      { requester: PORTAL, purposes: ['TREAT', 'HRESCH'], labels: [] },
      { requester: PRACTITIONER, purposes: ['HRESCH'], labels: [] },
      { requester: PRACTITIONER, purposes: ['TREAT'], labels: ['PSY'] },
    ]);
  });

  test.each([
    ['labels', { securityLabel: label('R') }, { labels: [] }],
    ['one label', { securityLabel: label('PSY') }, { labels: LABELS.filter((l) => l !== 'PSY') }],
    ['a class', { class: classOf('Condition') }, { dataClasses: ['OBSERVATION'] }],
    ['a purpose', { purpose: purpose('TREAT') }, { purposes: ['HRESCH'] }],
  ])('without what an inner exception takes away: %s', (_what, rule, left) => {
    const base = { purpose: purpose('TREAT', 'HRESCH'), securityLabel: label('N', 'R') };
    expect(grants(fhirConsent({ ...base, ...inner(deny(rule)) }))).toMatchObject([left]);
  });

  test('as given by a proxy if another than the patient gave it', () => {
    const performer = [{ reference: 'RelatedPerson/mother' }];
    expect(read(fhirConsent({}, { performer })).byProxy).toBe(true);
  });
});

/** What a leaf cannot express, by the reason that names it. */
const UNSUPPORTED: readonly (readonly [string, object])[] = [
  ['NOT_ACTIVE', fhirConsent({}, { status: 'proposed' })],
  ['SCOPE', fhirConsent({}, { scope: { coding: [{ system: 'x', code: 'research' }] } })],
  ['CATEGORY', fhirConsent({}, { category: [{ text: 'Consent to an operation' }] })],
  ['PATIENT_MISSING', fhirConsent({}, { patient: undefined })],
  ['PERFORMER', fhirConsent({}, { performer: [{ reference: 'Practitioner/ex-practitioner' }] })],
  ['EXTENSION', fhirConsent({ extension: [{ url: 'x' }] })],
  ['MODIFIER', fhirConsent({}, { modifierExtension: [{ url: 'x' }] })],
  ['MODIFIER', fhirConsent({}, { implicitRules: 'https://example.org' })],
  ['MODIFIER', fhirConsent({ modifierExtension: [{ url: 'x' }] })],
  ['MODIFIER', fhirConsent(inner(deny({ modifierExtension: [{ url: 'x' }] })))],
  ['RELEASE', fhirConsent({}, { decision: 'permit' })],
  ['NO_RULE', fhirConsent({ type: undefined })],
  ['NO_RULE', fhirConsent({}, { provision: undefined })],
  ['NO_RULE', fhirConsent(inner({ securityLabel: label('R') }))],
  [
    'RESTRICTION_MISSING',
    fhirConsent(
      {},
      {
        policyRule: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTINR' }],
        },
        provision: undefined,
      },
    ),
  ],
  ['DISSENT', fhirConsent({ type: 'deny' })],
  ['DISSENT', fhirConsent(inner(deny({ purpose: purpose('HRESCH') })))],
  ['DATE_MISSING', fhirConsent({}, { dateTime: undefined })],
  ['POLICY_TEXT', fhirConsent({}, { policy: [{ uri: 'urn:assent:policy:5' }] })],
  ['POLICY_RULE', fhirConsent({}, { policyRule: { coding: [{ system: 'x', code: 'OPTIN' }] } })],
  ['CUSTODIANS', fhirConsent({}, { organization: [{}, {}] })],
  ['ACTOR_UNKNOWN', fhirConsent({}, { organization: [{ reference: 'Organization/other' }] })],
  ['ACTOR_UNKNOWN', fhirConsent({ actor: [recipient('Practitioner/nobody')] })],
  ['ACTOR_UNKNOWN', fhirConsent({ actor: [recipient('Organization/ex-organization')] })],
  ['ACTOR_ROLE', fhirConsent({ actor: [recipient('Practitioner/ex-practitioner', 'CST')] })],
  ['ACTOR_MISSING', fhirConsent({})],
  ['PURPOSE_MISSING', fhirConsent({ purpose: undefined })],
  ['PURPOSE_UNKNOWN', fhirConsent({ purpose: purpose('HRESCH', 'HMARKT') })],
  ['PURPOSE_UNKNOWN', fhirConsent({ purpose: purpose('constructor') })],
  ['BREAK_GLASS', fhirConsent({ purpose: purpose('BTG') })],
  ['BREAK_GLASS', fhirConsent(inner(permit({ purpose: purpose('BTG') })))],
  [
    'PURPOSE_REPEATED',
    fhirConsent(inner(permit({ purpose: purpose('HRESCH'), class: classOf('Patient') }))),
  ],
  ['CLASS_UNKNOWN', fhirConsent({ class: classOf('Condition', 'Device') })],
  ['CLASS_PARTIAL', fhirConsent({ class: classOf('MedicationRequest') })],
  ['CODE', fhirConsent({ code: [{ coding: [{ system: 'http://loinc.org', code: '4548-4' }] }] })],
  ['ACTION', fhirConsent({ action: [{}] })],
  ['AUTHORED_BY', fhirConsent({ data: data('authoredby', 'Practitioner/1') })],
  ['AUTHORED_BY', fhirConsent(inner(deny({ data: data('authoredby', 'Practitioner/1') })))],
  ['ENCOUNTER', fhirConsent({ data: data('related', 'Encounter/1') })],
  ['RELATED', fhirConsent({ data: data('dependents', 'CarePlan/1') })],
  ['SPECIFIC_RESOURCE', fhirConsent(inner(deny({ data: data('instance', 'Observation/1') })))],
  ['EXCEPT_TIMEFRAME', fhirConsent(inner(deny({ dataPeriod: { start: '2022' } })))],
  ['LABEL_UNKNOWN', fhirConsent({ securityLabel: label('N', 'V') })],
  ['LABEL_UNKNOWN', fhirConsent(inner(deny({ securityLabel: label('ETHUD') })))],
  ['LABELLED_ONLY', fhirConsent({ securityLabel: label('PSY') })],
  [
    'LABELLED_ONLY',
    fhirConsent({
      actor: [recipient('Group/ex-privilegedUsers')],
      ...inner(permit({ ...toPractitioner, securityLabel: label('PSY') })),
    }),
  ],
  [
    'LABELLED_ONLY',
    fhirConsent(inner(permit({ purpose: purpose('TREAT'), securityLabel: label('PSY') }))),
  ],
  ['NESTED_PERMIT', fhirConsent(inner(permit(toPractitioner)))],
  [
    'NESTED_PERMIT',
    fhirConsent(inner(permit({ securityLabel: label('PSY'), class: classOf('Condition') }))),
  ],
  [
    'NESTED_PERMIT',
    fhirConsent(
      {},
      {
        provision: deny({
          purpose: purpose('TREAT'),
          ...inner(permit({ purpose: purpose('HRESCH') })),
        }),
      },
    ),
  ],
  ['NESTED_DENY', fhirConsent(inner(deny(toPractitioner)))],
  ['NESTED_DENY', fhirConsent(inner(deny({ securityLabel: label('N') })))],
  ['NESTED_DENY', fhirConsent(inner(deny({ ...toPractitioner, securityLabel: label('R') })))],
  [
    'NESTED_DENY',
    fhirConsent(inner(deny({ class: classOf('Condition'), purpose: purpose('HRESCH') }))),
  ],
  ['NESTED_TOO_DEEP', fhirConsent(inner(deny({ provision: [{}] })))],
];

describe('a FHIR Consent is refused', () => {
  test.each(UNSUPPORTED)('for %s: %j', (reason, json) => {
    const terms = reason === 'ACTOR_MISSING' ? { ...pcfTerms, community: [] } : pcfTerms;
    let refused: unknown;
    try {
      readFhirConsent(json, terms);
    } catch (thrown) {
      refused = thrown;
    }
    expect(refused).toMatchObject({ code: 'FHIR_CONSENT_UNSUPPORTED', facts: { reason } });
  });

  test('for each reason that there is', () => {
    const shown = new Set(UNSUPPORTED.map(([reason]) => reason));
    expect([...shown].sort()).toEqual(Object.keys(FHIR_CONSENT_REASONS).sort());
  });

  test.each([
    [null],
    [[]],
    [{ resourceType: 'Patient' }],
    [fhirConsent({ type: 'allow' })],
    [fhirConsent({ except: [] })],
    [fhirConsent(inner(deny({ securitylabel: label('R') })))],
    [fhirConsent({ period: { end: '2026-13-01' } })],
    [fhirConsent({ period: { end: '2026-02-30' } })],
    [fhirConsent({ period: { end: 'soon' } })],
    [fhirConsent({ dataPeriod: { start: '2026-01-01T10:00:00' } })],
    [fhirConsent({}, { sourceAttachment: { contentType: 'text/plain', data: '%%%' } })],
  ])('as malformed, with no word of its content: %j', (json) => {
    expect(refusalOf(json)).toEqual(['FHIR_INVALID', undefined]);
  });

  test('for a period that ends before it begins', () => {
    const period = { start: '2026-05-01', end: '2026-04-01' };
    expect(refusalOf(fhirConsent({ period }))).toEqual(['PERIOD_EMPTY', undefined]);
  });
});

const seconds = (least: string, most: string) =>
  fc.integer({ min: secondsFromIso(least), max: secondsFromIso(most) });
const period = fc
  .tuple(
    seconds('1900-01-01T00:00:00Z', '2100-01-01T00:00:00Z'),
    fc.integer({ min: 1, max: 2 ** 31 }),
  )
  .map(([from, length]) => ({ from, until: from + length }));
const some = <Name extends string>(bits: Readonly<Record<Name, number>>, minLength = 0) =>
  fc.subarray(names(bits), { minLength });
const plaintexts: fc.Arbitrary<ConsentPlaintext> = fc.record({
  requester: fc.bigInt({ min: 0n, max: 2n ** 248n }),
  institution: fc.constantFrom(undefined, RIVERSIDE),
  purposes: some<Purpose>(PURPOSE_BITS, 1),
  dataClasses: some<DataClass>(DATA_CLASS_BITS, 1),
  labels: some<Sensitivity>(LABEL_BITS),
  duties: some<Duty>(DUTY_BITS),
  validity: fc.oneof(
    period,
    period.map(({ from }) => ({ from, until: NO_END_SECONDS })),
  ),
  dataWindow: fc.oneof(period, fc.constant({ from: 0, until: NO_END_SECONDS })),
  policyText: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
});

const wallet = await signingWallet(7);

describe('a signed consent as FHIR', () => {
  const exported = async (plaintext: ConsentPlaintext) => {
    const { signed } = await wallet.signConsent(plaintext);
    const { policyText, institution } = plaintext;
    const json = fhirConsentOf(signed, { policyText, institution, signedAt: nowSeconds });
    return { signed, json: JSON.parse(JSON.stringify(json)) as unknown };
  };

  test('is FHIR R4, and read back it is what was signed', async () => {
    const requireValid: RequireValid = await fhirValidator();
    const silent = { ...pcfTerms, duties: [] };
    const property = fc.asyncProperty(plaintexts, async (plaintext) => {
      const { json } = await exported(plaintext);
      requireValid(json);
      expect(readFhirConsent(json, silent)).toEqual({ plaintexts: [plaintext], byProxy: false });
    });
    await fc.assert(property, { seed: 20_261_126, numRuns: 40, verbose: 1 });
  });

  const plaintext: ConsentPlaintext = {
    requester: 5n,
    institution: RIVERSIDE,
    purposes: ['HRESCH'],
    dataClasses: ['CONDITION'],
    labels: [],
    duties: [],
    policyText: 'I agree.',
    ...{
      validity: { from: 0, until: NO_END_SECONDS },
      dataWindow: { from: 0, until: NO_END_SECONDS },
    },
  };

  test('names no patient, no salt and no signature', async () => {
    const { signed, json } = await exported(plaintext);
    const text = JSON.stringify(json);
    expect(text).toContain(String(signed.fields.pseudonym));
    for (const secret of [signed.fields.salt, signed.signature.s, signed.publicKey.ax]) {
      expect(text).not.toContain(String(secret));
    }
    expect(text).toContain(isoFromSeconds(nowSeconds));
  });

  test('says another text than was signed to nobody', async () => {
    const { signed, json } = await exported(plaintext);
    const changed = {
      ...(json as object),
      sourceAttachment: { contentType: 'text/plain', data: 'SQ==' },
    };
    expect(refusalOf(changed)).toEqual(['FHIR_CONSENT_UNSUPPORTED', 'POLICY_TEXT']);
    const text = { institution: RIVERSIDE, policyText: 'I do not.', signedAt: nowSeconds };
    expect(() => fhirConsentOf(signed, text)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
    const elsewhere = { ...text, policyText: 'I agree.', institution: undefined };
    expect(() => fhirConsentOf(signed, elsewhere)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
  });

  test('once withdrawn is inactive, and is not read as a consent', async () => {
    const { signed } = await exported(plaintext);
    const text = { policyText: 'I agree.', institution: RIVERSIDE, signedAt: nowSeconds };
    const json = fhirConsentOf(signed, { ...text, withdrawn: true });
    expect(refusalOf(json)).toEqual(['FHIR_CONSENT_UNSUPPORTED', 'NOT_ACTIVE']);
  });

  test.each([NO_END_SECONDS, UNWRITABLE_SECONDS, MAX_TIME_SECONDS])(
    'until %d has no end, whichever of its names it was signed by',
    async (until) => {
      const { json } = await exported({ ...plaintext, validity: { from: 7, until } });
      expect(JSON.stringify(json)).not.toContain('"end"');
      expect(read(json).plaintexts[0]?.validity).toEqual({ from: 7, until: NO_END_SECONDS });
    },
  );

  test.each(['9999', '9999-12', '9999-12-31', '9999-12-31T23:59:59Z'])(
    'whose end is written as %s has none',
    (end) => {
      const whole = fhirConsent({ period: { end }, dataPeriod: { end } });
      expect(read(whole).plaintexts).toMatchObject([
        { validity: { until: NO_END_SECONDS }, dataWindow: { from: 0, until: NO_END_SECONDS } },
      ]);
    },
  );
});
