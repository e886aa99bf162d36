import { systemClock } from '../../core/clock.js';
import type { InstitutionId } from '../../core/ids.js';
import { fieldOf, studyField } from '../../zk/arithmetic/field.js';
import { type AccreditationFields, accreditationLeaf } from '../../zk/leaf.js';
import type { ProvenStatement } from '../../zk/prove.js';
import { type AccreditationRequest, periodOf } from '../../zk/request.js';
import type { AccreditationRole } from '../../zk/vocabulary.js';
import type { AccreditationWitness } from '../../zk/witness.js';
import type { Gateway, GraphqlRequest } from '../gateway/gateway.js';
import type { HolderJwk } from '../gateway/session.js';
import type { StudyName } from '../keys/study-keys.js';
import type { FetchedSubtree } from './paths.js';
import { PRESENTED_FIELDS, type Presented, PresentedForm, type Prover } from './present.js';

/** What an accredited requester holds: its leaf, and where it is registered. */
export interface AccreditationPackage {
  readonly fields: AccreditationFields;
  readonly institution: InstitutionId;
  /** Index of its leaf in that institution's shard, from 0. */
  readonly index: number;
  /** Key for its paths there. */
  readonly subtreeKey: string;
}

/** What an accreditation is presented for. */
export interface AccreditationAsk {
  readonly role: AccreditationRole;
  /** Undefined = any. */
  readonly study: StudyName | undefined;
  /** The organisation's id, for example a GLN; undefined for a researcher. */
  readonly party: string | undefined;
}

/** Proofs of one ask, bound to one session. */
export interface AccreditationPresentation {
  readonly ask: AccreditationAsk;
  readonly holderJwk: HolderJwk;
  readonly proofs: readonly ProvenStatement[];
}

export const PRESENT_ACCREDITATION = `mutation PresentAccreditation($input: PresentAccreditation!) {
  presentAccreditation(input: $input) { ${PRESENTED_FIELDS} }
}`;

/** The fields of `study` and `party` in an accreditation's leaf and in a request for it: 0 = any, none. */
export function accreditationTarget(ask: Pick<AccreditationAsk, 'study' | 'party'>): {
  readonly study: bigint;
  readonly party: bigint;
} {
  const { study, party } = ask;
  return {
    study: study === undefined ? 0n : studyField(study.network, study.sponsor, study.id),
    party: party === undefined ? 0n : fieldOf(party),
  };
}

/**
 * The witness for presenting an accreditation.
 *
 * @param subtree - with its leaf, freshly fetched: nodes refuse roots superseded more than 15
 *   minutes ago, and the issuer's term may have changed since it accredited.
 * @throws LEAF_NOT_ANCHORED if the leaf is not there.
 */
export function accreditationWitness(
  ask: AccreditationAsk,
  accreditation: AccreditationPackage,
  subtree: Pick<FetchedSubtree, 'issuer' | 'pathOf'>,
  by: Prover,
): AccreditationWitness {
  const asOf = BigInt((by.clock ?? systemClock).nowSeconds());
  const { fields, index } = accreditation;
  return {
    accreditation: fields,
    issuer: subtree.issuer,
    path: subtree.pathOf(accreditationLeaf(fields), index),
    g: by.requester.g,
    asked: requestAt(ask, asOf),
    asOf,
    holder: by.session.holder,
  };
}

function requestAt(ask: AccreditationAsk, asOf: bigint): AccreditationRequest {
  return { role: ask.role, ...accreditationTarget(ask), period: periodOf(asOf) };
}

/** The mutation that presents an accreditation, for a program that sends it by itself. */
export function presentAccreditationRequest(
  presentation: AccreditationPresentation,
): Required<Pick<GraphqlRequest, 'document' | 'variables'>> {
  const { ask, holderJwk, proofs } = presentation;
  const { role, study, party } = ask;
  const input = {
    role,
    holder: holderJwk,
    proofs,
    ...(study === undefined ? {} : { study: study.id }),
    ...(party === undefined ? {} : { party }),
  };
  return { document: PRESENT_ACCREDITATION, variables: { input } };
}

/** Presents an accreditation to the institutions concerned, through a gateway. */
export async function presentAccreditation(
  gateway: Gateway,
  presentation: AccreditationPresentation,
): Promise<Presented> {
  const { data, errors } = await gateway.send(presentAccreditationRequest(presentation));
  if (errors[0] !== undefined) throw errors[0];
  return PresentedForm.parse(data.presentAccreditation);
}
