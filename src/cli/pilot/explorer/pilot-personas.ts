import { presentAccreditationRequest } from '../../../client/requester/accredit.js';
import { type Prover, presentConsentsRequest } from '../../../client/requester/present.js';
import { DomainError } from '../../../core/errors.js';
import type { InstitutionId } from '../../../core/ids.js';
import type {
  Persona,
  Personas,
  PreparedRequest,
  ProofProgress,
} from '../../../federation/explorer/personas.js';
import type { Database } from '../../../store/database.js';
import type { StateFolder } from '../../state/state-folder.js';
import { registerPharmacist } from '../accreditation.js';
import type { Membership } from '../membership.js';
import { isPersona, loadRequester, PERSONAS, type PersonaName } from '../personas.js';
import { PILOT_STUDY } from '../plan.js';
import { type ProveBy, provePharmacist, provePortal } from '../present.js';
import { PILOT_TOKEN_SECONDS } from '../settings.js';
import { notWithdrawn, type PilotWallet, PORTAL_SHOWS } from '../wallets.js';
import { CAN, PROVES } from './descriptions.js';
import { PageSessions } from './page-sessions.js';

export interface PilotPersonasOptions {
  readonly folder: StateFolder;
  readonly memberships: readonly Membership[];
  readonly wallets: readonly PilotWallet[];
  /** Database of a hospital, which has every withdrawal; undefined if it runs apart. */
  readonly hospital: Database | undefined;
  /** The thumbprint of the gateway that tokens are for. */
  readonly audience: string;
  readonly endpointOf: (institution: InstitutionId) => string;
  readonly stopSignal: AbortSignal | undefined;
}

/** Proving takes both cores for this many seconds: how long one page waits for another. */
const PROVING_SECONDS = 15;

type OnProgress = (progress: ProofProgress) => void;
type Prove = (
  by: ProveBy,
  prover: Prover,
  options: PilotPersonasOptions,
  progress: OnProgress,
) => Promise<PreparedRequest>;

/** The personas of a pilot, for its explorer. */
export function pilotPersonas(options: PilotPersonasOptions): Personas {
  const { folder, audience, endpointOf, stopSignal } = options;
  const sessions = new PageSessions(folder);
  const claims = { audience, seconds: PILOT_TOKEN_SECONDS };
  let isProving = false;

  return {
    all: PERSONAS.map(describe) as [Persona, ...Persona[]],
    study: PILOT_STUDY.id,
    openSession: async (persona) => (await sessions.open(named(persona))).signToken(claims),
    renewToken: async (persona, thumbprint) =>
      (await sessions.require(named(persona), thumbprint)).signToken(claims),
    async prove(persona, thumbprint, { progress, signal }) {
      const name = named(persona);
      const session = await sessions.require(name, thumbprint);
      const prove = PROOFS[name];
      if (prove === undefined) throw new DomainError('BAD_INPUT', { persona: 'proves nothing' });
      if (isProving) throw new DomainError('OVERLOADED', { seconds: PROVING_SECONDS });
      isProving = true;
      try {
        const prover = { requester: await loadRequester(folder, name), session };
        const stop = stopSignal === undefined ? signal : AbortSignal.any([signal, stopSignal]);
        return await prove({ endpointOf, stop }, prover, options, progress);
      } finally {
        isProving = false;
      }
    },
  };
}

const PROOFS: Partial<Record<PersonaName, Prove>> = {
  async portal(by, portal, { hospital, wallets }, progress) {
    const first = wallets.slice(0, PORTAL_SHOWS);
    const living = hospital === undefined ? first : await notWithdrawn(hospital, first);
    const consents = living.map(({ consent }) => consent);
    const of = consents.length;
    let done = 0;
    progress({ done, of });
    const onProven = () => {
      done += 1;
      progress({ done, of });
    };
    return presentConsentsRequest(await provePortal(by, portal, consents, onProven));
  },
  async pharmacist(by, pharmacist, { folder, memberships }, progress) {
    progress({ done: 0, of: 1 });
    const accreditation = await registerPharmacist(folder, memberships);
    const presentation = await provePharmacist(by, pharmacist, accreditation);
    progress({ done: 1, of: 1 });
    return presentAccreditationRequest(presentation);
  },
};

function describe(name: PersonaName): Persona {
  return { name, can: CAN[name], proves: PROVES[name] };
}

/** @throws DomainError BAD_INPUT for an unknown persona. */
function named(persona: string): PersonaName {
  if (isPersona(persona)) return persona;
  throw new DomainError('BAD_INPUT', { persona: 'unknown' });
}
