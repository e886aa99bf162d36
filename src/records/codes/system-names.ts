/** Code systems that the code itself speaks of, by the address that FHIR R4 knows each by. */
export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const GTIN_SYSTEM = 'https://www.gs1.org/gtin';
