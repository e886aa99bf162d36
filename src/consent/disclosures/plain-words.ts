/**
 * The vocabulary as a participant reads it. A code that is missing here is shown as it is, so that
 * a newly added one is never left out of an explanation.
 */
const WORDS: Readonly<Record<string, string>> = {
  TREAT: 'your treatment',
  HPAYMT: 'payment for health care',
  HOPERAT: 'running a health care organisation',
  HRESCH: 'research on health care',
  CLINTRCH: 'a clinical trial',
  PUBHLTH: 'public health',

  DEMOGRAPHICS: 'your sex and year of birth',
  CONDITION: 'conditions and diagnoses',
  OBSERVATION: 'measurements and other observations',
  MEDICATION: 'medicines',
  PROCEDURE: 'procedures',
  IMMUNIZATION: 'vaccinations',
  ALLERGY: 'allergies and intolerances',
  ENCOUNTER: 'visits and stays',
  DIAGNOSTIC_REPORT: 'diagnostic reports',
  TRIAL: 'trials that you take part in',
  SUPPLY: 'where your medicines came from',
  CLAIMS: 'insurance claims',
  EXACT_DATE: 'dates to the day',

  PSY: 'mental health',
  SUD: 'use of alcohol and other substances',
  HIV: 'HIV and AIDS',
  SDV: 'sexual assault, abuse and domestic violence',
  GDIS: 'genetic disease',

  NPU: 'no use for profit',
  IRB: 'an ethics committee has to have approved the use',
  GSO: 'genetic studies only',
  PUB: 'the results have to be published',
  RTN: 'what is derived has to be returned',
  TS: 'use ends at a time agreed',
  NO_REDISCLOSURE: 'the records must not be passed on',
  RECONTACT: 'you may be contacted again about the study',
};

/** One word of the vocabulary, in plain English. */
export function wordsOf(name: string): string {
  return Object.hasOwn(WORDS, name)
    ? (WORDS[name] ?? name)
    : name.toLowerCase().replaceAll('_', ' ');
}

/** Several of them, in their order. */
export function wordsOfEach(names: readonly string[]): string {
  return names.map(wordsOf).join('; ');
}
