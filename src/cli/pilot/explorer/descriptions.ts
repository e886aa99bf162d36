import type { PersonaName } from '../personas.js';

/** What each persona can do, in one line. */
export const CAN: Record<PersonaName, string> = {
  portal: 'reads three participants of the study, for the consents it proved',
  researcher: 'looks through trials, institutions and criteria; counting comes with cohorts',
  sponsor: 'sees its trials as the world sees them; no participant without a proof',
  pharmacist: 'verifies a pack and, as a proven trading partner, traces it',
  participant: 'withdraws a consent: every node refuses within seconds',
};

/** What each persona can prove, for its page. The others hold nothing that a proof could be made of. */
export const PROVES: Partial<Record<PersonaName, string>> = {
  portal:
    'With a new key the study does not exist. Prove three consents for that key, and its rows are there.',
  pharmacist:
    'With a new key a pack has no trace. Prove the accreditation as a trading partner for that key, and its trace is there.',
};
