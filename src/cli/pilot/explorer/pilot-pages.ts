import type { Landing } from '../../../federation/explorer/landing.js';
import type { Personas } from '../../../federation/explorer/personas.js';
import { RIVERSIDE } from '../institutions.js';
import { type PilotLandingOptions, pilotLanding } from '../landing.js';
import { type PilotPersonasOptions, pilotPersonas } from './pilot-personas.js';

/** The contents of the pilot's pages, and the personas that they may use. */
export function pilotPages(options: Omit<PilotPersonasOptions & PilotLandingOptions, 'hospital'>): {
  readonly landing: (persona: string | undefined) => Promise<Landing>;
  readonly personas: Personas;
} {
  const { memberships } = options;
  const hospital = memberships.find(({ institution }) => institution.id === RIVERSIDE)?.db;
  const pages = { ...options, hospital };
  return {
    landing: (persona) => pilotLanding(pages, persona),
    personas: pilotPersonas(pages),
  };
}
