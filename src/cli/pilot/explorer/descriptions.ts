import type { PersonaName } from '../personas.js';

/** What each persona can do, in one line. */
export const CAN: Record<PersonaName, string> = {
  portal: 'reads three participants of the study, whose consents it proved',
  researcher: 'browses trials, institutions and criteria; counting comes with cohorts',
  sponsor: 'sees its trials as the public does; no participants without a proof',
  pharmacist: 'verifies a pack and, as a proven trading partner, traces it',
  participant: 'withdraws a consent: every node refuses within seconds',
};

/** What each persona can prove, for its page. The others have nothing to prove. */
export const PROVES: Partial<Record<PersonaName, string>> = {
  portal:
    'With a new key the study does not exist. Prove three consents for that key, and its ' +
    'rows appear.',
  pharmacist:
    'With a new key a pack has no trace. Prove the accreditation as a trading partner for ' +
    'that key, and its trace appears.',
};
