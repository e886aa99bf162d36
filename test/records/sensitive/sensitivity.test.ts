import type { Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADDRESSES } from '../../../src/records/codes/addresses.js';
import { saidIn } from '../../../src/records/codes/said.js';
import { codeSystems, isPublishedCode } from '../../../src/records/deidentify/terminology.js';
import { SENSITIVE_HL7_CODES } from '../../../src/records/sensitive/hl7-codes.js';
import { SENSITIVE_INGREDIENTS } from '../../../src/records/sensitive/ingredients.js';
import { SENSITIVE_CODES } from '../../../src/records/sensitive/sensitive-codes.js';
import { SENSITIVE_PREFIXES } from '../../../src/records/sensitive/sensitive-prefixes.js';
import { sensitivityOf } from '../../../src/records/sensitive/sensitivity.js';
import {
  ANA,
  BEN,
  type Clinic,
  coded,
  condition,
  type Entity,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';
import { everythingOf } from '../../support/records/everything.js';

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const PLACE_OF_SERVICE =
  'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';

describe('the value sets', () => {
  test('have no code that its terminology could not have', () => {
    const wrong = [...SENSITIVE_CODES, ...SENSITIVE_INGREDIENTS].flatMap(({ system, codes }) =>
      Object.keys(codes).filter((code) => !isPublishedCode(system, code)),
    );
    expect(wrong).toEqual([]);
  });

  test('say one thing of a code, and every exception is one of what its rule begins with', () => {
    const keys = SENSITIVE_CODES.flatMap(({ system, codes }) =>
      Object.keys(codes).map((code) => `${system}|${code}`),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const { begins, but = [] } of SENSITIVE_PREFIXES) {
      const idle = but.filter((one) => !begins.some((prefix) => one.startsWith(prefix)));
      expect(idle).toEqual([]);
    }
  });

  test('of HL7 are of codes that it publishes', () => {
    const wrong = Object.values(SENSITIVE_HL7_CODES).flatMap((systems) =>
      Object.entries(systems).flatMap(([system, codes]) =>
        codes.split(' ').filter((code) => codeSystems().get(system)?.has(code) !== true),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test.each([
    [ADDRESSES.ICD_10, 'F11.20', 'SUD'],
    [ADDRESSES.ICD_10, 'B20', 'HIV'],
    [ADDRESSES.ICD_10_PCS, 'HZ2ZZZZ', 'SUD'],
    [ADDRESSES.ICD_10_PCS, 'GZ50ZZZ', 'PSY'],
    [ADDRESSES.HCPCS, 'H0020', 'SUD'],
    [ADDRESSES.CVX, '61', 'HIV'],
    [ADDRESSES.ICF, 'b1301', 'PSY'],
    [ADDRESSES.MS_DRG, '897', 'SUD'],
    [ADDRESSES.MS_DRG, '885', 'PSY'],
    [ADDRESSES.MS_DRG, '974', 'HIV'],
    [ADDRESSES.REVENUE, '0906', 'SUD'],
    [ADDRESSES.REVENUE, '0905', 'PSY'],
    [ADDRESSES.DISCHARGE, '65', 'PSY'],
    [ADDRESSES.NUCC, '101YA0400X', 'SUD'],
    [ADDRESSES.NUCC, '2084P0800X', 'PSY'],
    [ADDRESSES.HGNC, 'HGNC:1100', 'GDIS'],
    [ADDRESSES.OMIM, '219700', 'GDIS'],
    [ADDRESSES.CLINVAR, '7105', 'GDIS'],
    [ADDRESSES.HGVS, 'NM_000492.4:c.1521_1523del', 'GDIS'],
    [ADDRESSES.ORPHANET, '586', 'GDIS'],
    [[PLACE_OF_SERVICE], '55', 'SUD'],
    [[PLACE_OF_SERVICE], '51', 'PSY'],
    [['http://terminology.hl7.org/CodeSystem/v3-RoleCode'], 'PSYCHF', 'PSY'],
    [['http://terminology.hl7.org/CodeSystem/v3-RoleCode'], 'SURF', 'SUD'],
    [['http://fdasis.nlm.nih.gov'], 'UC6VBE7V1Z', 'SUD'],
  ])('%j %s leaves with %s under every address', (systems, code, label) => {
    for (const system of systems) {
      expect(isPublishedCode(system, code), system).toBe(true);
      expect(labelsIn({ code: coded(system, code) }), system).toEqual([label]);
    }
  });

  test.each([
    [ADDRESSES.ICD_10_PCS, '0DTJ4ZZ'],
    [ADDRESSES.HCPCS, 'J1885'],
    [ADDRESSES.MS_DRG, '470'],
    [ADDRESSES.REVENUE, '0450'],
    [ADDRESSES.DISCHARGE, '01'],
    [ADDRESSES.NUCC, '207R00000X'],
    [ADDRESSES.NUCC, '2084N0400X'],
    [ADDRESSES.CVX, '140'],
    [ADDRESSES.ICF, 'b280'],
    [[PLACE_OF_SERVICE], '11'],
    // A surgery clinic.
    [['http://terminology.hl7.org/CodeSystem/v3-RoleCode'], 'SU'],
    [['http://fdasis.nlm.nih.gov'], 'R16CO5Y76E'],
  ])('%j %s leaves without a label', (systems, code) => {
    for (const system of systems) {
      expect(isPublishedCode(system, code), system).toBe(true);
      expect(labelsIn({ code: coded(system, code) }), system).toEqual([]);
    }
  });

  test.each([
    [ICD, 'F33.1', ['PSY']],
    [ICD, 'F331', ['PSY']],
    [ICD, 'F10.20', ['SUD']],
    [ICD, 'F17.210', []], // tobacco is none: 42 CFR 2.11
    [ICD, 'B20', ['HIV']],
    [ICD, 'Z21', ['HIV']],
    [ICD, 'T74.11XA', ['SDV']],
    [ICD, 'Z69.11', ['SDV']],
    [ICD, 'Q90.9', ['GDIS']],
    [ICD, 'Z15.01', ['GDIS']],
    [ICD, 'E11.9', []],
    [ICD, 'I10', []],
    ['http://hl7.org/fhir/sid/icd-9-cm', '296.30', ['PSY']],
    ['http://hl7.org/fhir/sid/icd-9-cm', '303.90', ['SUD']],
    ['http://hl7.org/fhir/sid/icd-9-cm', '305.1', []],
    ['http://hl7.org/fhir/sid/icd-9-cm', '042', ['HIV']],
    ['http://www.whocc.no/atc', 'N05AH03', ['PSY']],
    ['http://www.whocc.no/atc', 'J05AR10', ['HIV']],
    ['http://www.whocc.no/atc', 'C09AA03', []],
    [SNOMED, '706893006', ['SDV']],
    [SNOMED, '59621000', []],
    [LOINC, '44261-6', ['PSY']],
    [LOINC, '4548-4', []],
    [RXNORM, '352364', ['SUD']],
    // A code means what its own system says.
    [LOINC, '706893006', []],
    ['urn:local', 'F33.1', []],
  ])('%s %s is %j', (system, code, labels) => {
    expect(labelsIn(condition('c', 'p', { code: coded(system, code) }))).toEqual(labels);
  });

  test.each([
    ['buprenorphine 8 MG / naloxone 2 MG Sublingual Tablet', ['SUD']],
    ['Risperidone 1 MG Oral Tablet [Risperdal]', ['PSY']],
    ['HIV 1 RNA [#/volume] in Plasma', ['HIV']],
    ['BRCA1 gene targeted mutation analysis', ['GDIS']],
    ['Hearing aids', []],
    ['Oilseed rape pollen IgE', []],
    ['Respiratory depression', []],
  ])('a code that nobody listed, called "%s", is %j', (display, labels) => {
    const code = { coding: [{ system: RXNORM, code: '1', display }] };
    expect(labelsIn(condition('c', 'p', { code }))).toEqual(labels);
    expect(labelsIn(condition('c', 'p', { code: { text: display } }))).toEqual(labels);
  });

  test.each([
    ['a coding of words alone', { reasonCode: [{ coding: [{ display: 'HIV infection' }] }] }],
    ['a coding without a system', { code: { coding: [{ code: '1', display: 'HIV infection' }] } }],
    ['a coding without a code', { code: { coding: [{ system: ICD, display: 'HIV infection' }] } }],
    ['a text beside an id', { reasonCode: [{ id: 'a', text: 'HIV infection' }] }],
    ['a text beside an extension', { reasonCode: [{ extension: [], text: 'HIV infection' }] }],
    ['a text beside its language', { code: { text: 'HIV infection', _text: { extension: [] } } }],
    ['a reference', { reasonReference: [{ display: 'HIV infection' }] }],
    [
      'a reference that names something',
      {
        reasonReference: [
          { reference: 'Condition/c', type: 'Condition', display: 'HIV infection' },
        ],
      },
    ],
  ])('%s is read', (_, change) => {
    expect(labelsIn({ ...observation('o', 'p'), ...change })).toEqual(['HIV']);
  });

  test('a note that only mentions something labels nothing', () => {
    const note = [{ text: 'Asked whether there is HIV in the family', time: '2024-01-01' }];
    expect(labelsIn(condition('c', 'p', { note }))).toEqual([]);
  });

  test.each([
    ['a reason', { reasonCode: [coded(SNOMED, '66214007')] }],
    ['a component', { component: [{ code: coded(LOINC, '75626-2'), valueInteger: 9 }] }],
    [
      'a contained resource',
      { contained: [{ resourceType: 'Condition', code: coded(ICD, 'F10.1') }] },
    ],
    [
      'an extension',
      { extension: [{ url: 'urn:x', valueCoding: { system: ICD, code: 'F11.2' } }] },
    ],
    ['a kind of record yet to come', { resourceType: 'Flag', code: coded(SNOMED, '7200002') }],
  ])('%s counts as much as the code itself', (_, change) => {
    expect(labelsIn({ ...observation('o', 'p'), ...change })).toEqual(['SUD']);
  });
});

describe('what nobody labelled', () => {
  let clinic: Clinic;
  const DAYS = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'];

  /** Of two people with the same ordinary records, Ana has sensitive ones between and after them. */
  beforeAll(async () => {
    clinic = await openClinic('riverside-hospital');
    const ordinary = (who: string) =>
      DAYS.map((day) => observation(`${who}-${day}`, who, { effectiveDateTime: day }));
    await clinic.take(patient('ana'), ...ordinary('ana'), ...sensitive('ana'));
    await clinic.take(patient('ben'), ...ordinary('ben'));
    await clinic.link(ANA, 'ana');
    await clinic.link(BEN, 'ben');
  });
  afterAll(() => clinic.close());

  function sensitive(who: string): readonly Resource[] {
    const dispense = {
      resourceType: 'MedicationDispense',
      id: 'sublingual',
      status: 'completed',
      medicationCodeableConcept: {
        coding: [
          { system: RXNORM, code: '1010600', display: 'buprenorphine 2 MG Sublingual Film' },
        ],
      },
      subject: { reference: `Patient/${who}` },
      whenHandedOver: '2024-02-03',
    } as Resource;
    return [
      condition('depressed', who, { code: coded(ICD, 'F33.1') }),
      condition('carrier', who, { code: coded(ICD, 'Z15.01') }),
      observation('viral-load', who, {
        code: coded(LOINC, '20447-9'),
        effectiveDateTime: '2024-01-02T12:00:00Z',
      }),
      observation('audit', who, {
        effectiveDateTime: '2024-01-06',
        component: [{ code: coded(LOINC, '75626-2'), valueInteger: 9 }],
      }),
      dispense,
    ];
  }

  const PAGE = `query ($representations: [_Any!]!, $first: Int, $after: String) {
    _entities(representations: $representations) { ... on Participant {
      observations(first: $first, after: $after) { nodes { id recorded }
        pageInfo { hasNextPage endCursor } withheld { dataClass reason } } } } }`;

  async function told(
    labels: readonly ('PSY' | 'SUD' | 'HIV' | 'SDV' | 'GDIS')[],
    pseudonym = ANA,
  ) {
    const one = permit({ labels, pseudonym });
    const asked = participantKeys(pseudonym);
    const { data, errors } = await clinic.ask([one], everythingOf(clinic.schema), asked);
    expect(errors).toBeUndefined();
    return data?._entities[0];
  }

  test('is withheld without its label, and opens with it', async () => {
    const counts = async (...labels: Parameters<typeof told>[0]) => {
      const { conditions, observations, dispenses } = await told(labels);
      return [conditions, observations, dispenses].map(({ nodes }: Entity) => nodes.length);
    };
    expect(await counts()).toEqual([0, 5, 0]);
    expect(await counts('PSY')).toEqual([1, 5, 0]);
    expect(await counts('GDIS')).toEqual([1, 5, 0]);
    expect(await counts('HIV')).toEqual([0, 6, 0]);
    expect(await counts('SUD')).toEqual([0, 6, 1]);
    expect(await counts('PSY', 'SUD', 'HIV', 'SDV', 'GDIS')).toEqual([2, 7, 1]);
  });

  test('is not told of: the answer is that of someone who has no such record', async () => {
    const shape = (one: Entity) =>
      JSON.stringify(one, (key, value) =>
        ['id', 'pseudonym', 'cursor', 'startCursor', 'endCursor'].includes(key) ? 0 : value,
      );
    expect(shape(await told([]))).toBe(shape(await told([], BEN)));
  });

  test('shows in no page: neither that there is another, nor where one ends, nor in the order', async () => {
    for (const first of [1, 2, 4, 5, 6]) {
      const walks = [];
      for (const pseudonym of [ANA, BEN]) {
        const pages: unknown[] = [];
        let after: string | null = null;
        for (let turns = 0; turns < 8; turns += 1) {
          const variables = { ...participantKeys(pseudonym), first, after };
          const { data } = await clinic.ask([permit({ pseudonym })], PAGE, variables);
          const [entity] = data?._entities ?? [];
          const { nodes, pageInfo, withheld }: Entity = entity.observations;
          after = pageInfo.endCursor;
          const moment = JSON.parse(Buffer.from(after ?? '', 'base64url').toString())[0];
          const recorded = nodes.map((node: Entity) => node.recorded);
          pages.push([recorded, pageInfo.hasNextPage, moment, withheld]);
          if (!pageInfo.hasNextPage) break;
        }
        walks.push(pages);
      }
      expect(walks[0]).toEqual(walks[1]);
    }
  });

  test('keeps the label that its custodian gave it, and has the other too', async () => {
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SDV' }];
    await clinic.take(condition('both', 'ana', { code: coded(ICD, 'F43.10'), meta: { security } }));
    expect((await told(['PSY'])).conditions.nodes).toHaveLength(1);
    expect((await told(['SDV'])).conditions.nodes).toHaveLength(0);
    expect((await told(['PSY', 'SDV'])).conditions.nodes).toHaveLength(2);
  });
});

function labelsIn(resource: object) {
  return sensitivityOf(saidIn(resource));
}
