import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import type { Role } from '../../graph/ask.js';
import { MAKER_PREFIX, PHARMACY_PREFIX } from '../../supply/seed-products.js';

/** An institution of the pilot network, and where its node listens (an offset from the base port). */
export interface PilotInstitution {
  readonly id: InstitutionId;
  readonly name: string;
  readonly role: Role;
}

/**
 * The pilot's network name: part of every study's field, so that no proof is valid in another
 * network.
 */
export const PILOT_NETWORK = 'pilot';

export const RIVERSIDE = toInstitutionId('riverside-hospital');
export const LAKESHORE = toInstitutionId('lakeshore-hospital');
export const NORTHWIND = toInstitutionId('northwind-trials');
export const HELIX = toInstitutionId('helix-pharma');
export const CORNER = toInstitutionId('corner-pharmacy');
/** Not a member at the start: the tour admits it. */
export const HILLSIDE = toInstitutionId('hillside-hospital');

export const PILOT_INSTITUTIONS: readonly PilotInstitution[] = [
  { id: RIVERSIDE, name: 'Riverside Hospital', role: 'HOSPITAL' },
  { id: LAKESHORE, name: 'Lakeshore Hospital', role: 'HOSPITAL' },
  { id: NORTHWIND, name: 'Northwind Trials', role: 'SPONSOR' },
  { id: HELIX, name: 'Helix Pharma', role: 'MANUFACTURER' },
  { id: CORNER, name: 'Corner Pharmacy', role: 'PHARMACY' },
];

export const SIXTH_INSTITUTION: PilotInstitution = {
  id: HILLSIDE,
  name: 'Hillside Hospital',
  role: 'HOSPITAL',
};

/** The maker's party as a PGLN, as in the generated supply chain's events. */
const MAKER_PARTY = `urn:epc:id:pgln:${MAKER_PREFIX}.00000`;
export const PHARMACY_PARTY = `urn:epc:id:pgln:${PHARMACY_PREFIX}.00000`;

/** The parties that an institution may accredit for: only itself, if it trades. */
export function pilotParties(institution: InstitutionId): readonly string[] {
  if (institution === HELIX) return [MAKER_PARTY];
  return institution === CORNER ? [PHARMACY_PARTY] : [];
}

/** The institutions of the pilot by the display names in trials and sites. */
export const PILOT_NAMES: ReadonlyMap<string, InstitutionId> = new Map(
  PILOT_INSTITUTIONS.map(({ id, name }) => [name, id]),
);
