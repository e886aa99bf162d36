import type { ConsentPackage } from '../../client/consent/consent-package.js';
import type { Gateway } from '../../client/gateway/gateway.js';
import {
  type AccreditationPackage,
  type AccreditationPresentation,
  accreditationWitness,
  presentAccreditation,
} from '../../client/requester/accredit.js';
import { type FetchedSubtree, fetchSubtree, type LeafPlace } from '../../client/requester/paths.js';
import {
  type ConsentAsk,
  consentWitness,
  type Presentation,
  type Presented,
  type Prover,
} from '../../client/requester/present.js';
import { systemClock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import { consentLeaf } from '../../zk/leaf.js';
import type { RegisterPath } from '../../zk/tree.js';
import { proveApart } from '../proving/prove-apart.js';
import { PHARMACY_PARTY } from './institutions.js';
import { PILOT_STUDY } from './plan.js';
import { untilServed } from './until-served.js';

/** Where to fetch paths. */
export interface ProveBy {
  /** The URL of an institution's node, as the ledger lists it. */
  readonly endpointOf: (institution: InstitutionId) => string;
  /** Ends the proving at once. */
  readonly stop?: AbortSignal | undefined;
}

/** Where to fetch paths and present proofs. */
export interface PresentTo extends ProveBy {
  readonly gateway: Gateway;
}

const DAY = 86_400;

/**
 * What the portal asks for: three data classes with exact dates, over the last five years, for a
 * week.
 */
export function portalAsk(): ConsentAsk {
  const now = systemClock.nowSeconds();
  return {
    study: PILOT_STUDY,
    purpose: 'HRESCH',
    dataClasses: ['CONDITION', 'OBSERVATION', 'MEDICATION', 'EXACT_DATE'],
    labels: [],
    duties: ['NO_REDISCLOSURE'],
    dataWindow: { from: now - 5 * 365 * DAY, until: now + 30 * DAY },
    institution: undefined,
    expires: now + 7 * DAY - 60,
  };
}

/** Proves one ask for each consent, for the persona's session. About 3 s per proof. */
export async function provePortal(
  by: ProveBy,
  portal: Prover,
  consents: readonly ConsentPackage[],
  onProven?: () => void,
): Promise<Presentation> {
  const ask = portalAsk();
  const tasks = await Promise.all(
    consents.map(async (consent) => {
      const path = await pathOf(by, consent, consentLeaf(consent.fields));
      return {
        statement: 'consent' as const,
        witness: consentWitness(ask, consent, path, portal),
      };
    }),
  );
  const proofs = await proveApart(tasks, { onProven, stop: by.stop });
  return { ask, holderJwk: portal.session.holderJwk, proofs };
}

/**
 * Proves that the pharmacist is a trading partner, and presents it. Valid for 15 minutes:
 * docs/protocol.md.
 */
export async function presentPharmacist(
  to: PresentTo,
  pharmacist: Prover,
  accreditation: AccreditationPackage,
): Promise<Presented> {
  return presentAccreditation(to.gateway, await provePharmacist(to, pharmacist, accreditation));
}

/** Proves that the pharmacist is a trading partner, for its session. About 3 s. */
export async function provePharmacist(
  by: ProveBy,
  pharmacist: Prover,
  accreditation: AccreditationPackage,
): Promise<AccreditationPresentation> {
  const ask = { role: 'TRADING_PARTNER', study: undefined, party: PHARMACY_PARTY } as const;
  const subtree = await subtreeOf(by, accreditation);
  const witness = accreditationWitness(ask, accreditation, subtree, pharmacist);
  const tasks = [{ statement: 'accreditation' as const, witness }];
  const proofs = await proveApart(tasks, { stop: by.stop });
  return { ask, holderJwk: pharmacist.session.holderJwk, proofs };
}

/** The path of a registered leaf, recomputed from its whole subtree. */
export async function pathOf(
  to: Pick<PresentTo, 'endpointOf' | 'stop'>,
  place: RegisteredPlace,
  leaf: bigint,
): Promise<RegisterPath> {
  return (await subtreeOf(to, place)).pathOf(leaf, place.index);
}

interface RegisteredPlace extends LeafPlace {
  readonly institution: InstitutionId;
}

function subtreeOf(
  { endpointOf, stop }: Pick<PresentTo, 'endpointOf' | 'stop'>,
  { institution, ...place }: RegisteredPlace,
): Promise<FetchedSubtree> {
  const ask = () => fetchSubtree({ fetch, endpoint: endpointOf(institution), institution }, place);
  return untilServed(ask, () => true, stop);
}
