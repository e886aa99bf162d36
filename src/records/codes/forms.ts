/**
 * The terminologies whose codes are too many to be listed here, and the form that each gives its
 * codes. A code of a system that is neither here nor in code-systems.ts can be anything, a record
 * number for one, and stays.
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
  'http://unitsofmeasure.org': /^[^\s{}]{1,32}$/,

  // Diagnoses and procedures.
  ...each(/^[EV]?\d{2,3}(\.\d{1,2})?$/, 'http://hl7.org/fhir/sid/icd-9-cm'),
  ...each(
    /^[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?$/,
    'http://hl7.org/fhir/sid/icd-10',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'http://hl7.org/fhir/sid/icd-10-ca',
    'http://terminology.hl7.org/CodeSystem/icd10CM',
  ),
  'http://fhir.de/CodeSystem/bfarm/icd-10-gm': /^[A-Z]\d\d(\.?[0-9]{1,2})?$/, // BfArM
  ...each(
    /^[0-9A-HJ-NP-Z]{7}$/,
    'http://www.cms.gov/Medicare/Coding/ICD10', // ICD-10-PCS
    'http://terminology.hl7.org/CodeSystem/icd10PCS',
  ),
  'http://id.who.int/icd/release/11/mms': /^[0-9A-Z]{2,5}(\.[0-9A-Z]{1,3})?([/&][0-9A-Z.]{2,9})*$/,
  'http://terminology.hl7.org/CodeSystem/icd-o-3': /^(\d{4}\/\d|C\d{2}(\.\d)?)$/,
  ...each(/^[A-Z]\d{2}$/, 'http://hl7.org/fhir/sid/icpc-1', 'http://hl7.org/fhir/sid/icpc-2'),
  ...each(/^[bsde]\d{1,5}$/, 'http://hl7.org/fhir/sid/icf', 'http://hl7.org/fhir/sid/icf-nl'),
  'http://www.ama-assn.org/go/cpt': /^\d{4}[0-9A-Z]$/,
  ...each(
    /^[A-V]\d{4}$/,
    'http://terminology.hl7.org/CodeSystem/HCPCS',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system', // US Core
  ),
  'http://www.ada.org/cdt': /^D\d{4}$/,
  'http://www.ada.org/snodent': /^\d{6}D$/,
  'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software':
    /^\d{3}$/,
  'https://www.meddra.org': /^10\d{6}$/,
  ...each(
    /^C\d{4,7}$/,
    'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
    'http://ncithesaurus-stage.nci.nih.gov',
  ),
  'https://www.nlm.nih.gov/mesh': /^[DC]\d{6,9}$/,
  'http://npu-terminology.org': /^NPU\d{5}$/,
  'http://radlex.org': /^RID\d{1,5}$/,

  // Medicines and vaccines.
  ...each(/^\d{1,3}$/, 'http://hl7.org/fhir/sid/cvx', 'http://terminology.hl7.org/CodeSystem/CVX'),
  ...each(
    /^[A-Z]{2,4}$/,
    'http://hl7.org/fhir/sid/mvx',
    'http://terminology.hl7.org/CodeSystem/MVX',
  ),
  'http://www.whocc.no/atc': /^[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?$/,
  'http://hl7.org/fhir/sid/ndc': /^(\d{4,5}-\d{3,4}(-\d{1,2})?|\d{10,11})$/,
  'http://fdasis.nlm.nih.gov': /^[0-9A-Z]{10}$/, // UNII, with a check character
  ...each(/^N\d{10}$/, 'http://hl7.org/fhir/ndfrt', 'http://va.gov/terminology/medrt'),
  'https://www.gs1.org/gtin': /^(\d{8}|\d{12,14})$/,
  'https://dmd.nhs.uk': /^\d{6,18}$/, // NHS dm+d, with SNOMED CT's check digit
  ...each(
    /^\d{8}$/,
    'http://hl7.org/fhir/NamingSystem/ca-hc-din',
    'http://terminology.hl7.org/CodeSystem/ca-hc-din',
  ),

  // Genes, phenotypes and variants.
  ...each(
    /^HP[:_]\d{7}$/,
    'http://human-phenotype-ontology.org',
    'http://purl.obolibrary.org/obo/hp.owl',
  ),
  'http://purl.obolibrary.org/obo/mondo.owl': /^MONDO[:_]\d{7}$/,
  'http://www.sequenceontology.org': /^SO:\d{7}$/,
  ...each(/^(ORPHA:)?\d{1,6}$/, 'http://www.orpha.net', 'https://www.orpha.net'),
  ...each(/^HGNC:\d{1,6}$/, 'http://www.genenames.org', 'http://www.genenames.org/geneId'),
  'https://www.omim.org': /^[#*+%]?\d{6}$/,
  'http://www.ncbi.nlm.nih.gov/clinvar': /^\d{1,8}$/,
  'http://varnomen.hgvs.org': /^[A-Z]{2}_\d{6,9}\.\d{1,2}:[cgmnpr]\.[A-Za-z0-9_>()*=+-]{1,40}$/,

  // Work, as US Core and ODH ask for it, race and ethnicity, wards, and what is left.
  // An occupation by SOC and O*NET, an industry by NAICS, each with a number of its own.
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
    'http://terminology.hl7.org/CodeSystem/hsloc',
    'https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html',
  ),
  'http://nucc.org/provider-taxonomy': /^[0-9A-Z]{9}X$/,
  'http://dicom.nema.org/resources/ontology/DCM': /^(\d{6}|[A-Z]{2,16})$/,
  'urn:iso:std:iso:11073:10101': /^\d{1,8}$/, // medical device communication
  ...each(
    /^\d{2}$/,
    'http://www.nubc.org/patient-discharge',
    'https://www.nubc.org/CodeSystem/PatDischargeStatus',
  ),
  'urn:ietf:bcp:47': /^[a-z]{2,3}(-[A-Z]{2})?$/,
  'urn:iso:std:iso:3166': /^([A-Z]{2,3}|\d{3})$/,
  // Few, and no registered system's list holds them. @source hl7.org/fhir/uv/ips/STU1.1
  'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips':
    /^(no-(allergy|device|immunization|medication|problem|procedure)-info|no-known-((medication-|environmental-|food-)?allergies|devices|immunizations|medications|problems|procedures))$/,
};

function each(form: RegExp, ...systems: readonly string[]): Record<string, RegExp> {
  return Object.fromEntries(systems.map((system) => [system, form]));
}
