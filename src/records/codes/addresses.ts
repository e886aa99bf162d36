/**
 * The URIs that senders use for a terminology. The rules that release codes and the rules that
 * label them both read this list, so that no URI is known to only one of them.
 *
 * @source as in forms.ts
 */
export const ADDRESSES = {
  ICD_9: ['http://hl7.org/fhir/sid/icd-9-cm'],
  ICD_10: [
    'http://hl7.org/fhir/sid/icd-10',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'http://hl7.org/fhir/sid/icd-10-ca',
    'http://terminology.hl7.org/CodeSystem/icd10CM',
  ],
  ICD_10_GM: ['http://fhir.de/CodeSystem/bfarm/icd-10-gm'], // BfArM
  ICD_10_PCS: [
    'http://www.cms.gov/Medicare/Coding/ICD10',
    'http://terminology.hl7.org/CodeSystem/icd10PCS',
  ],
  ICD_11: ['http://id.who.int/icd/release/11/mms'],
  ICPC: ['http://hl7.org/fhir/sid/icpc-1', 'http://hl7.org/fhir/sid/icpc-2'],
  ICF: ['http://hl7.org/fhir/sid/icf', 'http://hl7.org/fhir/sid/icf-nl'],
  ATC: ['http://www.whocc.no/atc'],
  CPT: ['http://www.ama-assn.org/go/cpt'],
  HCPCS: [
    'http://terminology.hl7.org/CodeSystem/HCPCS',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system', // US Core
  ],
  CDT: ['http://www.ada.org/cdt'],
  MS_DRG: [
    'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software',
  ],
  CVX: ['http://hl7.org/fhir/sid/cvx', 'http://terminology.hl7.org/CodeSystem/CVX'],
  REVENUE: ['https://www.nubc.org/CodeSystem/RevenueCodes'],
  DISCHARGE: [
    'http://www.nubc.org/patient-discharge',
    'https://www.nubc.org/CodeSystem/PatDischargeStatus',
  ],
  NUCC: ['http://nucc.org/provider-taxonomy'],
  SEQUENCE: ['http://www.sequenceontology.org'],
  ORPHANET: ['http://www.orpha.net', 'https://www.orpha.net'],
  HGNC: ['http://www.genenames.org', 'http://www.genenames.org/geneId'],
  OMIM: ['https://www.omim.org'],
  CLINVAR: ['http://www.ncbi.nlm.nih.gov/clinvar'],
  HGVS: ['http://varnomen.hgvs.org'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
