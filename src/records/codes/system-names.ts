/** Code systems that the source code names, each by its URI in FHIR R4. */
export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const GTIN_SYSTEM = 'https://www.gs1.org/gtin';
