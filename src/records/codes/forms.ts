import { ADDRESSES } from './addresses.js';
import { DICOM_CODE, HGVS, ICD_10_PCS, ICD_11, MVX } from './grammars.js';

/**
 * Terminologies with too many codes to list here, and the pattern that their codes match. A code of
 * a system that is neither here nor in code-systems.ts could be anything, such as a record number,
 * and is not released. Nor is a code of a terminology whose codes say nothing by themselves and for
 * which there is no list of sensitive ones: NDC, dm+d, DIN, MED-RT, MeSH, MedDRA, NCI Thesaurus,
 * MONDO, HPO, NPU, RadLex, SNODENT, HSLOC (deidentify/reviewed.ts).
 *
 * @source the URIs are those of the code systems that HL7's terminology registers (NamingSystem in
 *   github.com/HL7/UTG, input/sourceOfTruth/external), of R4's terminologies-systems.html, and of
 *   national publishers where a comment names one
 */
export const FORMS: Readonly<Record<string, RegExp>> = {
  // The partition 00 or 10 says that it is a concept; a check digit follows.
  'http://snomed.info/sct': /^[1-9]\d{2,14}(00|10)\d$/,
  'http://loinc.org': /^(\d{1,6}|L[APGL]\d{1,6})-\d$/,
  'http://www.nlm.nih.gov/research/umls/rxnorm': /^\d{1,8}$/,
  // ucum.ts must also be able to parse it.
  'http://unitsofmeasure.org': /^[ -~]{1,60}$/,

  // Diagnoses and procedures.
  ...each(/^[EV]?\d{2,3}(\.\d{1,2})?$/, ...ADDRESSES.ICD_9),
  ...each(/^[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?$/, ...ADDRESSES.ICD_10),
  'http://fhir.de/CodeSystem/bfarm/icd-10-gm': /^[A-Z]\d\d(\.?[0-9]{1,2})?$/, // BfArM
  ...each(ICD_10_PCS, ...ADDRESSES.ICD_10_PCS),
  'http://id.who.int/icd/release/11/mms': ICD_11,
  'http://terminology.hl7.org/CodeSystem/icd-o-3': /^(\d{4}\/\d|C\d{2}(\.\d)?)$/,
  ...each(/^[A-Z]\d{2}$/, ...ADDRESSES.ICPC),
  ...each(/^[bsde]\d{1,5}$/, ...ADDRESSES.ICF),
  'http://www.ama-assn.org/go/cpt': /^\d{4}[0-9A-Z]$/,
  ...each(/^[A-V]\d{4}$/, ...ADDRESSES.HCPCS),
  'http://www.ada.org/cdt': /^D\d{4}$/,
  'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software':
    /^\d{3}$/,

  // Medicines and vaccines.
  ...each(/^\d{1,3}$/, ...ADDRESSES.CVX),
  ...each(MVX, 'http://hl7.org/fhir/sid/mvx', 'http://terminology.hl7.org/CodeSystem/MVX'),
  'http://www.whocc.no/atc': /^[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?$/,
  'http://fdasis.nlm.nih.gov': /^[0-9A-Z]{10}$/, // UNII, with a check character
  'https://www.gs1.org/gtin': /^(\d{8}|\d{12,14})$/,

  // Genes and variants.
  'http://www.sequenceontology.org': /^SO:\d{7}$/,
  ...each(/^(ORPHA:)?\d{1,6}$/, ...ADDRESSES.ORPHANET),
  ...each(/^HGNC:\d{1,6}$/, ...ADDRESSES.HGNC),
  'https://www.omim.org': /^[#*+%]?\d{6}$/,
  'http://www.ncbi.nlm.nih.gov/clinvar': /^\d{1,8}$/,
  'http://varnomen.hgvs.org': HGVS,

  // Work as US Core and ODH record it, race and ethnicity, and the rest. An occupation by SOC and
  // O*NET, an industry by NAICS, each with a number of its own.
  'http://terminology.hl7.org/CodeSystem/PHOccupationalDataForHealthODH':
    /^(\d{2}-\d{4}\.\d{2}|\d{6})\.\d{6}$/,
  ...each(
    /^\d{4}$/,
    'http://terminology.hl7.org/CodeSystem/PHIndustryCDCCensus2010',
    'http://terminology.hl7.org/CodeSystem/PHOccupationCDCCensus2010',
    'https://www.nubc.org/CodeSystem/RevenueCodes',
  ),
  ...each(
    /^\d{4}-\d$/,
    'urn:oid:2.16.840.1.113883.6.238',
    'http://terminology.hl7.org/CodeSystem/PHRaceAndEthnicityCDC',
  ),
  'http://nucc.org/provider-taxonomy': /^\d{3}[0-9A-Z]{2}\d{4}X$/,
  'http://dicom.nema.org/resources/ontology/DCM': DICOM_CODE,
  'urn:iso:std:iso:11073:10101': /^\d{1,8}$/, // medical device communication
  ...each(/^\d{2}$/, ...ADDRESSES.DISCHARGE),
  'urn:ietf:bcp:47': /^[a-z]{2,3}(-[A-Z]{2})?$/,
  'urn:iso:std:iso:3166': /^([A-Z]{2,3}|\d{3})$/,
  // A few codes that are in no registered system's list. @source hl7.org/fhir/uv/ips/STU1.1
  'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips':
    /^(no-(allergy|device|immunization|medication|problem|procedure)-info|no-known-((medication-|environmental-|food-)?allergies|devices|immunizations|medications|problems|procedures))$/,
};

function each(form: RegExp, ...systems: readonly string[]): Record<string, RegExp> {
  return Object.fromEntries(systems.map((system) => [system, form]));
}
