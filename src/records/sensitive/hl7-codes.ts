import type { Sensitivity } from '../../zk/vocabulary.js';

const HL7 = 'http://terminology.hl7.org/CodeSystem/';
const PLACE_OF_SERVICE =
  'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';

/** Codes by system, separated by spaces. */
type Codes = Readonly<Record<string, string>>;

/**
 * Sensitive codes in HL7's registry: places, services and programmes that treat only one thing, and
 * confidentiality for one reason.
 *
 * @source the displays and definitions in github.com/HL7/UTG and in FHIR R4, all of those that
 *   code-systems.ts has, searched for the words of each label
 */
export const SENSITIVE_HL7_CODES: Readonly<Record<Sensitivity, Codes>> = {
  PSY: {
    [`${HL7}admit-source`]: 'psych',
    [`${HL7}consentpolicycodes`]: 'dch-3927 mdhhs-5515 squaxin',
    [`${HL7}discharge-disposition`]: 'psy',
    [`${HL7}flag-category`]: 'behavioral',
    [`${HL7}insurance-coverage-type`]: 'menthlth',
    [`${HL7}ndh-healthcare-service-category`]: 'behav',
    [`${HL7}organization-affiliation-role`]: 'behavioral',
    [`${HL7}service-category`]: '22',
    [`${HL7}service-type`]:
      '78 134 135 136 137 138 139 140 141 142 239 242 243 244 250 259 260 262 283 292 316 328 346 414 417 418 419 420 421 422 423 490 541 564 610',
    [`${HL7}v2-0043`]: '48',
    [`${HL7}v2-0153`]: '80',
    [`${HL7}v2-0177`]: 'PSY',
    [`${HL7}v2-0265`]: 'PPS PSI PSY',
    [`${HL7}v2-0270`]: 'PC PH',
    [`${HL7}v2-0281`]: 'Psy PSY',
    [`${HL7}v2-0350`]: '51',
    [`${HL7}v2-0427`]: 'S',
    [`${HL7}v2-0496`]: '079 101 102',
    [`${HL7}v2-0717`]: 'PSY HIPAAPsyNotes MDHHS-5515',
    [`${HL7}v2-0907`]: 'PSY',
    [`${HL7}v3-ActCode`]:
      'CPYC ABHC CDEP PSYCH MENTPRG MENTPOL ACMEN MENCAT HIPAAPsyNotes BH MH PSY PSYTHPN MDHHS-5515 MDHHS-5515MMHC',
    [`${HL7}v3-ActUSPrivacyLaw`]: 'HIPAAPsyNotes',
    [`${HL7}v3-Confidentiality`]: 'PSY',
    [`${HL7}v3-PersonDisabilityType`]: '4',
    [`${HL7}v3-RoleCode`]: 'PSYCHF PHU CAPC PSI PSY PSYCHCF RTF',
    [PLACE_OF_SERVICE]: '51 52 53 56',
  },
  SUD: {
    [`${HL7}consentpolicycodes`]: 'mdhhs-5515 squaxin',
    [`${HL7}episodeofcare-type`]: 'da',
    [`${HL7}insurance-coverage-type`]: 'substanceabuse',
    [`${HL7}program`]: '32 35',
    [`${HL7}service-category`]: '12',
    [`${HL7}service-type`]: '105 106 107 108 109 111 247 317 386 455 552',
    [`${HL7}v2-0177`]: 'ETH',
    [`${HL7}v2-0431`]: 'A',
    [`${HL7}v2-0496`]: '079',
    [`${HL7}v2-0717`]: 'MDHHS-5515',
    [`${HL7}v2-0907`]: 'ETH',
    [`${HL7}v3-ActCode`]:
      'DRGRHB SUBPRG SUBPOL ACSUBSTAB 42CFRPart2 ETH SUD ETHUD OPIOIDUD MDHHS-5515 MDHHS-5515Part2',
    [`${HL7}v3-ActUSPrivacyLaw`]: '42CFRPart2',
    [`${HL7}v3-Confidentiality`]: 'ETH',
    [`${HL7}v3-ObservationValue`]: 'DRUG IVDRG _CoverageChemicalDependencyValue',
    [`${HL7}v3-RoleCode`]: 'RHAT SURF',
    [PLACE_OF_SERVICE]: '55 57 58',
  },
  HIV: {
    [`${HL7}service-type`]: '245',
    [`${HL7}v2-0177`]: 'AID HIV',
    [`${HL7}v2-0292`]: '61',
    [`${HL7}v2-0496`]: '056 057 058',
    [`${HL7}v2-0717`]: 'HIV',
    [`${HL7}v2-0907`]: 'HIV',
    [`${HL7}v3-ActCode`]: 'HIVAIDS HIV',
    [`${HL7}v3-Confidentiality`]: 'HIV',
    [`${HL7}v3-VaccineType`]: '61',
  },
  SDV: {
    [`${HL7}ndh-healthcare-service-category`]: 'personal-safety',
    [`${HL7}program`]: '41',
    [`${HL7}service-type`]: '46 72 80 82 233 310 439 467 485 543',
    [`${HL7}v2-0237`]: 'A',
    [`${HL7}v2-0907`]: 'SDV',
    [`${HL7}v3-ActCode`]: 'MST SDV VIO',
    [`${HL7}v3-Confidentiality`]: 'SDV',
    [`${HL7}v3-ObservationValue`]: 'ABUSE',
  },
  GDIS: {
    [`${HL7}service-type`]: '75 160 166 191',
    [`${HL7}v2-0074`]: 'CG GE',
    [`${HL7}v2-0411`]: 'CG',
    [`${HL7}v3-ActClass`]: 'GEN',
    [`${HL7}v3-ActCode`]:
      'CBGC CCGC CMGC CPGC GDIS GENE GEN _GeneticObservationType _ObservationGenomicFamilyHistoryType',
    [`${HL7}v3-ObservationInterpretation`]: 'CAR Carrier _GeneticObservationInterpretation',
    [`${HL7}v3-ObservationMethod`]: '_GeneticObservationMethod',
    [`${HL7}v3-ObservationValue`]: '_GeneticObservationValue',
    [`${HL7}v3-RoleCode`]: 'MGEN',
    'http://hl7.org/fhir/secondary-finding': 'acmg-version1 acmg-version2',
  },
};
