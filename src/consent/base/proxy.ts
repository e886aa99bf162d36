import { utcDayMs } from '../../core/calendar.js';
import { DomainError } from '../../core/errors.js';
import { type Seconds, secondsFromUnixMs } from '../../core/time.js';

/**
 * Who may hold the wallet of a patient who cannot consent, as HL7 v3 RoleCode names them, and whom
 * they may speak for: being a parent ends at majority, a guardian or an attorney may go on.
 *
 * @source http://terminology.hl7.org/CodeSystem/v3-RoleCode
 */
const PROXY_RELATIONSHIPS = {
  PRN: 'MINOR',
  MTH: 'MINOR',
  FTH: 'MINOR',
  GUARD: 'ANYONE',
  HPOWATT: 'ANYONE',
} as const;

export type ProxyRelationship = keyof typeof PROXY_RELATIONSHIPS;

/** That another than the patient answers a link code, and holds the study key from then on. */
export interface PatientProxy {
  readonly relationship: ProxyRelationship;
  /** The patient's majority, exclusive; null for an adult: until the institution links again. */
  readonly until: Seconds | null;
}

const BIRTH_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/**
 * The moment at which someone comes of age, in UTC. A birth date that is not told to the day counts
 * from its first possible one, for patient and proxy alike, so that there is always one who may sign.
 * Born on 29 February, one comes of age on 1 March of a year that has none.
 *
 * @param birthDate - FHIR date: YYYY, YYYY-MM or YYYY-MM-DD.
 * @throws DomainError BIRTH_DATE_MISSING for anything else; TIME_OUT_OF_RANGE
 */
export function majorityOf(birthDate: string | undefined, majorityYears: number): Seconds {
  const [, year, month = '01', day = '01'] = BIRTH_DATE.exec(birthDate ?? '') ?? [];
  if (year === undefined) throw new DomainError('BIRTH_DATE_MISSING');
  const atMs = utcDayMs(Number(year) + majorityYears, Number(month), Number(day));
  return secondsFromUnixMs(atMs);
}

/**
 * Whose session a link code is shown in: the patient's own, or that of one who may stand in.
 *
 * @param relationship - undefined for the patient's own session.
 * @param majorityAt - of the patient.
 * @returns null for the patient.
 * @throws DomainError PROXY_REQUIRED for a minor's own session; PROXY_ENDED for a relationship that
 * majority has ended; CODE_UNKNOWN for one that the list does not name.
 */
export function requireProxy(
  relationship: string | undefined,
  majorityAt: Seconds,
  now: Seconds,
): PatientProxy | null {
  const isMinor = now < majorityAt;
  if (relationship === undefined) {
    if (isMinor) throw new DomainError('PROXY_REQUIRED');
    return null;
  }
  if (!isRelationship(relationship)) throw new DomainError('CODE_UNKNOWN');
  if (isMinor) return { relationship, until: majorityAt };
  if (PROXY_RELATIONSHIPS[relationship] === 'MINOR') throw new DomainError('PROXY_ENDED');
  return { relationship, until: null };
}

function isRelationship(text: string): text is ProxyRelationship {
  return Object.hasOwn(PROXY_RELATIONSHIPS, text);
}
