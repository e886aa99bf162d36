import { describe, expect, test } from 'vitest';
import { FORMS } from '../../../src/records/codes/forms.js';
import { parseConcept } from '../../../src/records/deidentify/concept.js';
import {
  isReviewed,
  LISTED_BY_CODE,
  ordinarySystems,
  systemsWithRules,
} from '../../../src/records/deidentify/reviewed.js';
import { codeSystems, isPublishedCode } from '../../../src/records/deidentify/terminology.js';
import { parseMedication } from '../../../src/records/fhir/medication.js';
import { SENSITIVE_INGREDIENTS } from '../../../src/records/sensitive/ingredients.js';
import { SENSITIVE_CODES } from '../../../src/records/sensitive/sensitive-codes.js';
import { coded } from '../../support/records/clinic.js';

const THO = 'http://terminology.hl7.org/CodeSystem';
const HCPCS = 'J1885 G0438 H0001 S2260';
const ICD_10 = 'E11.9 I10 T74.11XA F33.1 C50.919 M1A0110 U07.1';

/** Codes that each publisher gave out. @source the releases of each, and the examples of US Core */
const REAL: Readonly<Record<string, string>> = {
  'http://snomed.info/sct': '44054006 73211009 454711000124102 10939881000119105',
  // Terms, answers and parts. @source LOINC 2.78
  'http://loinc.org':
    '4548-4 72166-2 100766-5 LA6570-1 LA33-6 LA18934-2 LA28397-0 LA10535-5 LP173580-4 LP32820-0 LP29684-5',
  'http://www.nlm.nih.gov/research/umls/rxnorm': '860975 6809 1091392',
  'http://unitsofmeasure.org': 'mg/dL % 10*3/uL mm[Hg]',
  'http://hl7.org/fhir/sid/icd-9-cm': '250.00 V70.0 042',
  'http://hl7.org/fhir/sid/icd-10': 'E11.9 I10 U07.1',
  'http://hl7.org/fhir/sid/icd-10-cm': ICD_10,
  'http://hl7.org/fhir/sid/icd-10-ca': 'E11.9 I10.0',
  [`${THO}/icd10CM`]: ICD_10,
  'http://fhir.de/CodeSystem/bfarm/icd-10-gm': 'E11.90 I10.00',
  'http://www.cms.gov/Medicare/Coding/ICD10': '0DTJ4ZZ 4A023N7',
  // One of each section. @source the tables of 2025
  [`${THO}/icd10PCS`]:
    '0DTJ4ZZ 02HV33Z 10E0XZZ 10D00Z1 2W3FX1Z 30233N1 3E0P7GC 3C1ZX8Z 4A10X4Z 5A1955Z 5A1D70Z ' +
    '5A09357 6A550Z3 6A600ZZ 6ABF0BZ 7W06X8Z 8E0WXY8 8C01X6J 9WB0XBZ B2111ZZ BW28ZZZ CP151ZZ ' +
    'D0000ZZ DW16BB1 F07Z9ZZ F13Z00Z GZ10ZZZ GZHZZZZ HZ2ZZZZ HZ63ZZZ XW033E5 X2A5312 XRG0092',
  'http://id.who.int/icd/release/11/mms':
    '5A11 6A70.1 1C62.3 2C6Z 6C4A.1A MG44.10 XN8P1 XH74S1 NC72.2Z&XK8G 1A00/5A11&XS5W',
  [`${THO}/icd-o-3`]: '8500/3 C50.9',
  'http://hl7.org/fhir/sid/icpc-1': 'T90 P76',
  'http://hl7.org/fhir/sid/icpc-2': 'T90 P76',
  'http://hl7.org/fhir/sid/icf': 'b134 d450 s750 e1101',
  'http://hl7.org/fhir/sid/icf-nl': 'b134',
  'http://www.ama-assn.org/go/cpt': '99213 0001A 3044F',
  [`${THO}/HCPCS`]: HCPCS,
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': HCPCS,
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': HCPCS,
  'https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system': HCPCS,
  'http://www.ada.org/cdt': 'D0120 D2740',
  'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software':
    '470 871',
  'http://hl7.org/fhir/sid/cvx': '140 08 213',
  [`${THO}/CVX`]: '140 08 213',
  'http://hl7.org/fhir/sid/mvx': 'PFR SKB MSD',
  [`${THO}/MVX`]: 'PFR SKB MSD',
  'http://www.whocc.no/atc': 'A10BA02 C09AA N',
  // Aspirin, ibuprofen, metformin, water. @source FDA
  'http://fdasis.nlm.nih.gov': 'R16CO5Y76E WK2XYI10QM 9100L32L2N 059QF0KO0R',
  'https://www.gs1.org/gtin': '00312345678906 96385074',
  'http://www.sequenceontology.org': 'SO:0001483',
  'http://www.orpha.net': 'ORPHA:586 586',
  'https://www.orpha.net': '586',
  'http://www.genenames.org': 'HGNC:1100',
  'http://www.genenames.org/geneId': 'HGNC:1100',
  'https://www.omim.org': '219700 #219700',
  'http://www.ncbi.nlm.nih.gov/clinvar': '7105',
  'http://varnomen.hgvs.org':
    'NM_000492.4:c.1521_1523del NM_000492.4:c.1521_1523delCTT NM_004006.2:c.93+1G>T ' +
    'NM_004006.2:c.-14G>C NM_004006.2:c.*37_*39dup NC_000023.11:g.32316461A>G ' +
    'NC_012920.1:m.3243A>G NM_004006.2:c.145_147delinsTGG NM_004006.3:r.123c>u ' +
    'NP_003997.1:p.(Arg97ProfsTer23) NP_003997.1:p.Trp24Cys NP_003997.1:p.(=) ' +
    'NP_003997.2:p.Lys23_Val25del NP_003997.1:p.Trp24Ter',
  [`${THO}/PHOccupationalDataForHealthODH`]:
    '15-1252.00.026672 31-1014.00.007136 621610.008495 928110.000255',
  [`${THO}/PHIndustryCDCCensus2010`]: '7860',
  [`${THO}/PHOccupationCDCCensus2010`]: '3255',
  'https://www.nubc.org/CodeSystem/RevenueCodes': '0450',
  'urn:oid:2.16.840.1.113883.6.238': '2106-3 2186-5',
  [`${THO}/PHRaceAndEthnicityCDC`]: '2106-3',
  'http://nucc.org/provider-taxonomy': '207R00000X 101YA0400X 1223G0001X 2084P0800X 183500000X',
  'http://dicom.nema.org/resources/ontology/DCM': '113691 CT RTSTRUCT 121049 M3D',
  'urn:iso:std:iso:11073:10101': '150456',
  'http://www.nubc.org/patient-discharge': '01 62',
  'https://www.nubc.org/CodeSystem/PatDischargeStatus': '01',
  'urn:ietf:bcp:47': 'en en-US es',
  'urn:iso:std:iso:3166': 'US USA 840',
  'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips':
    'no-known-allergies no-known-medication-allergies no-medication-info no-known-problems no-known-immunizations',
};

/** Of systems that HL7 publishes whole. */
const LISTED: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/us/core/CodeSystem/us-core-category': 'sdoh functional-status',
  'http://hl7.org/fhir/us/core/CodeSystem/condition-category': 'health-concern',
  'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category': 'clinical-note',
  [`${THO}/condition-category`]: 'problem-list-item encounter-diagnosis',
  [`${THO}/observation-category`]: 'vital-signs laboratory survey social-history',
  [`${THO}/reason-medication-given`]: 'a b c',
  [`${THO}/v3-GTSAbbreviation`]: 'BID QID AM BED',
  [`${THO}/v3-orderableDrugForm`]: 'TAB CAP SOL ERTAB',
  [`${THO}/v3-RouteOfAdministration`]: 'PO IV',
  [`${THO}/v3-ObservationInterpretation`]: 'H L N POS',
  [`${THO}/v3-ActCode`]: 'AMB IMP EMER _ActAccountCode',
  [`${THO}/v2-0131`]: 'C N',
  [`${THO}/medicationdispense-category`]: 'outpatient discharge',
  [`${THO}/condition-clinical`]: 'active resolved',
  [`${THO}/data-absent-reason`]: 'unknown asked-declined',
  'http://hl7.org/fhir/observation-status': 'final',
};

/** What a clerk types where a code belongs. */
const IDENTIFYING = [
  'JohnSmith',
  'john-smith',
  'SMITH_JOHN',
  'Smith, John',
  'MRN-00012345',
  'MRN00012345',
  '123-45-6789',
  '1960-03-04',
  '555-867-5309',
  'ana@example.org',
  'Riverside',
  'see note',
  '',
  'constructor',
  '__proto__',
  '=~v3-ActCode',
];

describe('the form of a code', () => {
  test('is tried on real codes of every system that has one', () => {
    expect(Object.keys(REAL).sort()).toEqual(Object.keys(FORMS).sort());
  });

  test.each(Object.entries({ ...REAL, ...LISTED }))('%s: %s', (system, codes) => {
    const dropped = codes.split(' ').filter((code) => !isPublishedCode(system, code));
    expect(dropped).toEqual([]);
    expect(parseConcept(coded(system, codes.split(' ')[0] ?? '')).coding).toHaveLength(1);
  });

  test.each([
    'SNOMED 44054007',
    'LOINC 4548-5',
    'LOINC LA6570-2',
    'LOINC LP173580-5',
    'LOINC LA0012345-6',
    'UNII R16CO5Y76F',
    'UNII JOHNSMITHX',
  ])('%s fails its check digit', (text) => {
    const [name = '', code = ''] = text.split(' ');
    const systems = {
      SNOMED: 'http://snomed.info/sct',
      LOINC: 'http://loinc.org',
      UNII: 'http://fdasis.nlm.nih.gov',
    };
    expect(isPublishedCode(systems[name as keyof typeof systems], code)).toBe(false);
  });
});

/** Names and birth dates in the shape of a code. */
const SMUGGLED = {
  'http://varnomen.hgvs.org':
    'NM_000000.1:p.AnaSmithBorn1980-01-01 NM_000000.1:c.AnaSmith NP_000000.1:p.AnaSmi5Tho',
  'http://unitsofmeasure.org': 'Ana-Smith-1980-01-01 AnaSmith {Ana} 19800101 1980.01.01',
  'http://dicom.nema.org/resources/ontology/DCM': 'ANASMITH ANNA 198001 010180',
  'http://hl7.org/fhir/sid/mvx': 'ANNA ANA SMIT',
  [`${THO}/MVX`]: 'ANNA',
  'http://nucc.org/provider-taxonomy': 'SMTHANNASX ANASMITH1X 19800101AX',
  'http://id.who.int/icd/release/11/mms': `SMITH.ANN&ANNA&1980&01.01 ANNA SMITH 1980 5A11&SMITH 5A11&&5A11 5A11${'&5A11'.repeat(8)}`,
  'http://www.cms.gov/Medicare/Coding/ICD10': 'SMTHANN ANNASMT 0ANNABC HZSMTHA GZANNAB',
  [`${THO}/icd10PCS`]: 'SMTHANN',
  [`${THO}/v3-orderableDrugForm`]: 'ANASMITH',
};

describe('what identifies', () => {
  test.each(Object.entries(SMUGGLED))(
    'in the shape of a code does not leave: %s',
    (system, codes) => {
      expect(codes.split(' ').filter((code) => isPublishedCode(system, code))).toEqual([]);
    },
  );

  test('leaves under the name of no system, be it listed or known by its form', () => {
    const leaving = [...Object.keys(FORMS), ...codeSystems().keys()].flatMap((system) =>
      IDENTIFYING.filter((text) => isPublishedCode(system, text)).map((text) => [system, text]),
    );
    expect(leaving).toEqual([]);
  });

  test('leaves under no system that is not published', () => {
    for (const system of [
      'urn:local',
      '',
      'http://terminology.hl7.org/CodeSystem/unknown',
      'constructor',
      'http://terminology.hl7.org/CodeSystem/v2-9999',
      'HTTP://LOINC.ORG',
      'http://loinc.org/',
    ]) {
      expect(isPublishedCode(system, '4548-4'), system).toBe(false);
    }
  });
});

describe('a system whose codes leave', () => {
  const leaving = [...Object.keys(FORMS), ...codeSystems().keys()];

  test('has a label rule, or is one in which nothing is sensitive', () => {
    expect(leaving.filter((system) => !isReviewed(system))).toEqual([]);
  });

  test('is not in both lists, and no list names one that does not leave', () => {
    const ruled = new Set([...systemsWithRules(), ...LISTED_BY_CODE]);
    expect(ordinarySystems().filter((system) => ruled.has(system))).toEqual([]);
    expect([...ordinarySystems(), ...ruled].filter((one) => !leaving.includes(one))).toEqual([]);
    const byCode = [...SENSITIVE_CODES, ...SENSITIVE_INGREDIENTS].map(({ system }) => system);
    expect(new Set(byCode)).toEqual(new Set(LISTED_BY_CODE));
  });

  test.each([
    ['http://hl7.org/fhir/sid/ndc', '12496-1208-3'],
    ['https://www.nlm.nih.gov/mesh', 'D015658'],
    ['https://www.meddra.org', '10020161'],
    ['http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl', 'C3108'],
    ['http://purl.obolibrary.org/obo/mondo.owl', 'MONDO:0005109'],
    ['http://human-phenotype-ontology.org', 'HP:0000716'],
    ['https://dmd.nhs.uk', '322533007'],
  ])('is not %s: nothing here tells which of its codes are sensitive', (system, code) => {
    expect(isPublishedCode(system, code)).toBe(false);
  });
});

describe('a medicine', () => {
  test.each([
    ['http://hl7.org/fhir/sid/cvx', '140'],
    [`${THO}/HCPCS`, 'J1885'],
    ['http://fdasis.nlm.nih.gov', 'R16CO5Y76E'],
    ['http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips', 'no-known-medications'],
  ])('is told by %s', (system, code) => {
    const medicationCodeableConcept = coded(system, code);
    expect(parseMedication({ medicationCodeableConcept }).coding).toEqual([
      { system, code, display: null },
    ]);
  });

  test("is not told by a pack's serial number", () => {
    const medicationCodeableConcept = coded('urn:epc:id:sgtin', '0614141.112345.400');
    expect(parseMedication({ medicationCodeableConcept }).coding).toEqual([]);
  });
});
