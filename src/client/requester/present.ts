import { z } from 'zod';
import { type Clock, systemClock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import { isoFromSeconds, type Period, type Seconds, withOneEnd } from '../../core/time.js';
import { institutionField, studyField } from '../../zk/arithmetic/field.js';
import type { ProvingArtifacts } from '../../zk/artifacts.js';
import { type ProvenStatement, type ProvingOptions, proveConsent } from '../../zk/prove.js';
import type { ConsentRequest } from '../../zk/request.js';
import type { RegisterPath } from '../../zk/tree.js';
import {
  type DataClass,
  type Duty,
  dutiesOf,
  type Purpose,
  type Sensitivity,
  scopeOf,
} from '../../zk/vocabulary.js';
import type { ConsentWitness } from '../../zk/witness.js';
import type { ConsentPackage } from '../consent/consent-package.js';
import { leafPeriod } from '../consent/wallet.js';
import type { Gateway, GraphqlRequest } from '../gateway/gateway.js';
import type { Requester } from '../gateway/requester.js';
import type { Credential, HolderJwk, Session } from '../gateway/session.js';
import type { StudyName } from '../keys/study-keys.js';

/**
 * What is asked for, in plaintext: the request that a proof is bound to and that nodes recompute.
 */
export interface ConsentAsk {
  readonly study: StudyName;
  readonly purpose: Purpose;
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  /** The duties that the requester accepts; at least those of the consent. */
  readonly duties: readonly Duty[];
  readonly dataWindow: Period;
  /** The only custodian asked; undefined = every one that the consents allow. */
  readonly institution: InstitutionId | undefined;
  /** When the presentation ends: at most seven days from now. */
  readonly expires: Seconds;
}

/**
 * Proofs for one ask, bound to one session. It can be kept and presented again without a new proof.
 */
export interface Presentation {
  readonly ask: ConsentAsk;
  readonly holderJwk: HolderJwk;
  /** 1 to 1,000. */
  readonly proofs: readonly ProvenStatement[];
}

/** Why one institution refused the proof at an index. */
export interface RefusedProof {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly retry: string;
}

/** What each institution concerned did, in id order. */
export interface Presented {
  readonly complete: boolean;
  readonly outcomes: readonly {
    readonly institution: { readonly id: string };
    readonly status: string;
    readonly accepted: number;
    readonly refused: readonly RefusedProof[];
  }[];
}

export const PRESENTED_FIELDS = `complete outcomes {
  institution { id } status accepted refused { index code message retry }
}`;

export const PRESENT_CONSENTS = `mutation PresentConsents($input: PresentConsents!) {
  presentConsents(input: $input) { ${PRESENTED_FIELDS} }
}`;

/** The form of `Presented`, for both mutations that return it. */
export const PresentedForm = z.object({
  complete: z.boolean(),
  outcomes: z.array(
    z.object({
      institution: z.object({ id: z.string() }),
      status: z.string(),
      accepted: z.number(),
      refused: z.array(
        z.object({ index: z.number(), code: z.string(), message: z.string(), retry: z.string() }),
      ),
    }),
  ),
});

/**
 * Proves that a consent covers an ask, for one session: about 3 s.
 *
 * @param path - freshly fetched, because nodes refuse roots superseded more than 7 days ago.
 * @throws WITNESS_UNSATISFIED if it does not cover it; PROVING_TIMEOUT
 */
export function proveAsk(
  ask: ConsentAsk,
  consent: ConsentPackage,
  path: RegisterPath,
  by: Prover & { readonly artifacts: ProvingArtifacts; readonly proving?: ProvingOptions },
): Promise<ProvenStatement> {
  return proveConsent(consentWitness(ask, consent, path, by), by.artifacts, by.proving);
}

/** Who proves, for which session, and when. */
export interface Prover {
  readonly requester: Requester;
  readonly session: Session;
  readonly clock?: Clock;
}

/**
 * The witness that proveAsk proves, for callers that prove in another process. @throws PERIOD_EMPTY
 */
export function consentWitness(
  ask: ConsentAsk,
  consent: ConsentPackage,
  path: RegisterPath,
  by: Prover,
): ConsentWitness {
  const { fields, publicKey, signature } = consent;
  return {
    consent: fields,
    publicKey,
    signature,
    path,
    g: by.requester.g,
    asked: requestOf(ask),
    asOf: BigInt((by.clock ?? systemClock).nowSeconds()),
    holder: by.session.holder,
  };
}

/** The request as it is in statements. @throws PERIOD_EMPTY */
export function requestOf(ask: ConsentAsk): ConsentRequest {
  const { study, purpose, dataClasses, labels, duties, dataWindow, institution, expires } = ask;
  return {
    institution: institution === undefined ? 0n : institutionField(institution),
    study: studyField(study.network, study.sponsor, study.id),
    scope: scopeOf({ purposes: [purpose], dataClasses, labels }),
    duties: dutiesOf(duties),
    dataWindow: leafPeriod(dataWindow),
    expires: BigInt(expires),
  };
}

/** The mutation that sends a presentation, for a program that sends it by itself. */
export function presentConsentsRequest(
  presentation: Presentation,
): Required<Pick<GraphqlRequest, 'document' | 'variables'>> {
  const { ask, holderJwk, proofs } = presentation;
  const { study, institution, expires, ...plain } = ask;
  const dataWindow = withOneEnd(ask.dataWindow);
  const input = {
    ...plain,
    study: study.id,
    dataWindow: { from: isoFromSeconds(dataWindow.from), until: isoFromSeconds(dataWindow.until) },
    expires: isoFromSeconds(expires),
    ...(institution === undefined ? {} : { institution }),
    holder: holderJwk,
    proofs,
  };
  return { document: PRESENT_CONSENTS, variables: { input } };
}

/**
 * Sends a presentation to the institutions concerned, through a gateway.
 *
 * @param credential - of the session that the proofs are bound to. Nodes accept a presentation
 *   without one, but then it queues with everything that others present for the same key.
 */
export async function presentConsents(
  gateway: Gateway,
  presentation: Presentation,
  credential?: Credential,
): Promise<Presented> {
  const { data, errors } = await gateway.send({
    ...presentConsentsRequest(presentation),
    ...(credential === undefined ? {} : { credential }),
  });
  if (errors[0] !== undefined) throw errors[0];
  return PresentedForm.parse(data.presentConsents);
}
