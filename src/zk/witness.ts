import type { EddsaPublicKey, EddsaSignature } from './eddsa.js';
import {
  type AccreditationFields,
  accreditationLeaf,
  accreditationNym,
  type ConsentFields,
  consentLeaf,
  type IssuerFields,
  issuerLeaf,
  partyInputs,
} from './leaf.js';
import {
  type AccreditationRequest,
  accreditationRequest,
  type ConsentRequest,
  consentRequest,
} from './request.js';
import { networkRootOf, type RegisterPath } from './tree.js';
import { ACCREDITATION_ROLE_BITS } from './vocabulary.js';

/** The inputs of a circuit by signal name, as its witness calculator takes them. */
export type CircuitInputs = Record<string, bigint | number | (bigint | number)[]>;

/** Everything that the consent statement is proven from: the package, a path, and a secret. */
export interface ConsentWitness {
  readonly consent: ConsentFields;
  /** The participant's study key, whose pseudonym the consent names. */
  readonly publicKey: EddsaPublicKey;
  /** Over the consent's leaf. */
  readonly signature: EddsaSignature;
  readonly path: RegisterPath;
  /** The requester's secret. */
  readonly g: bigint;
  readonly asked: ConsentRequest;
  /** Now, seconds since 1900. */
  readonly asOf: bigint;
  /** Field of the session key's thumbprint. */
  readonly holder: bigint;
}

/** Everything that the accreditation statement is proven from. */
export interface AccreditationWitness {
  readonly accreditation: AccreditationFields;
  /** What stands in the issuer's slot; the path's own issuer leaf is computed from it. */
  readonly issuer: IssuerFields;
  readonly path: Omit<RegisterPath, 'issuerLeaf'>;
  readonly g: bigint;
  readonly asked: AccreditationRequest;
  readonly asOf: bigint;
  readonly holder: bigint;
}

/** The inputs of circuits/lib/consent-statement.circom. Throws what consentLeaf and the path throw. */
export function consentInputs(witness: ConsentWitness): CircuitInputs {
  const { consent, publicKey, signature, path, g, asked, asOf, holder } = witness;
  return {
    root: networkRootOf(consentLeaf(consent), path),
    nym: consent.pseudonym,
    handle: consent.handle,
    request: consentRequest(asked),
    asOf,
    holder,
    study: consent.study,
    institutionGranted: consent.institution,
    scopeGranted: consent.scope,
    dutiesGranted: consent.duties,
    validFrom: consent.validity.from,
    validUntil: consent.validity.until,
    windowGrantedFrom: consent.dataWindow.from,
    windowGrantedUntil: consent.dataWindow.until,
    policy: consent.policy,
    serial: consent.serial,
    salt: consent.salt,
    ax: publicKey.ax,
    ay: publicKey.ay,
    r8x: signature.r8x,
    r8y: signature.r8y,
    s: signature.s,
    ...pathInputs(path),
    issuerLeaf: path.issuerLeaf,
    g,
    institutionAsked: asked.institution,
    scopeAsked: asked.scope,
    dutiesAcknowledged: asked.duties,
    windowAskedFrom: asked.dataWindow.from,
    windowAskedUntil: asked.dataWindow.until,
    expires: asked.expires,
  };
}

/** The inputs of circuits/lib/accreditation-statement.circom. */
export function accreditationInputs(witness: AccreditationWitness): CircuitInputs {
  const { accreditation, issuer, path, g, asked, asOf, holder } = witness;
  const leaf = accreditationLeaf(accreditation);
  return {
    root: networkRootOf(leaf, { ...path, issuerLeaf: issuerLeaf(issuer) }),
    nym: accreditationNym(g, asked.study, asked.period),
    handle: 0n,
    request: accreditationRequest(asked),
    asOf,
    holder,
    roles: accreditation.roles,
    studyGranted: accreditation.study,
    party: accreditation.party,
    validFrom: accreditation.validity.from,
    validUntil: accreditation.validity.until,
    salt: accreditation.salt,
    issuerInstitution: issuer.institution,
    issuerAx: issuer.ax,
    issuerAy: issuer.ay,
    issuerFrom: issuer.validity.from,
    issuerUntil: issuer.validity.until,
    grants: issuer.grants,
    issuerParties: partyInputs(issuer.parties),
    issuerTerm: issuer.term,
    ...pathInputs(path),
    g,
    role: ACCREDITATION_ROLE_BITS[asked.role],
    study: asked.study,
    period: asked.period,
  };
}

/** A path's inputs, without the issuer leaf, which each statement names for itself. */
export function pathInputs(path: Omit<RegisterPath, 'issuerLeaf'>): CircuitInputs {
  return {
    shardSiblings: [...path.shardSiblings],
    index: path.index,
    topSiblings: [...path.topSiblings],
    slot: path.slot,
  };
}
