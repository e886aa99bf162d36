import { type Credential, type Fact, factInputs } from './credential.js';
import { type Criterion, criteriaInputs, isMetBy, MAX_CRITERIA } from './criteria.js';
import { type EddsaSignature, eddsaScalar } from './eddsa.js';
import { type ConsentFields, consentLeaf, type FormerIssuerFields, packPeriod } from './leaf.js';
import { type EligibilityRequest, eligibilityRequest } from './request.js';
import { networkRootOf, type RegisterPath } from './tree.js';
import { type CircuitInputs, pathInputs } from './witness.js';

/** From an issuer leaf to the network root: its shard's root, from the right, then 12 siblings. */
export interface IssuerPath {
  readonly shardRoot: bigint;
  /** From the slot upwards, TOP_LEVELS of them. */
  readonly topSiblings: readonly bigint[];
  readonly slot: number;
}

/** Everything that the eligibility statement is proven from. Only the participant has all of it. */
export interface EligibilityWitness {
  /** Of the participant's study key in this trial; only its scalar goes into the circuit. */
  readonly studySeed: Uint8Array;
  readonly consent: ConsentFields;
  /** By the study key, over the consent's leaf. */
  readonly consentSignature: EddsaSignature;
  readonly path: RegisterPath;
  readonly credential: Credential;
  /** By the issuer, over the credential's message. */
  readonly credentialSignature: EddsaSignature;
  /** What the statement opens of the issuer: see eligibilityIssuerLeaf. */
  readonly issuer: FormerIssuerFields;
  readonly issuerPath: IssuerPath;
  readonly asked: EligibilityRequest;
  /** Now, seconds since 1900. */
  readonly asOf: bigint;
  /** Field of the session key's thumbprint. */
  readonly holder: bigint;
}

/**
 * The inputs of circuits/lib/eligibility-statement.circom.
 *
 * @throws what consentLeaf, credentialMessage, criteriaHash and the path throw.
 */
export function eligibilityInputs(witness: EligibilityWitness): CircuitInputs {
  const { consent, path, asked, asOf, holder } = witness;
  return {
    root: networkRootOf(consentLeaf(consent), path),
    nym: consent.pseudonym,
    handle: consent.handle,
    request: eligibilityRequest(asked),
    asOf,
    holder,
    scalar: eddsaScalar(witness.studySeed),
    requester: asked.requester,
    trial: asked.trial,
    ...consentInputs(witness),
    ...credentialInputs(witness),
    ...issuerInputs(witness),
    ...claimInputs(asked.criteria, witness.credential.facts),
  };
}

function consentInputs({ consent, consentSignature, path }: EligibilityWitness): CircuitInputs {
  return {
    institutionGranted: consent.institution,
    scopeGranted: consent.scope,
    dutiesGranted: consent.duties,
    consentFrom: consent.validity.from,
    consentUntil: consent.validity.until,
    dataWindow: packPeriod(consent.dataWindow),
    policy: consent.policy,
    serial: consent.serial,
    consentSalt: consent.salt,
    consentR8x: consentSignature.r8x,
    consentR8y: consentSignature.r8y,
    consentS: consentSignature.s,
    ...pathInputs(path),
    besideIssuerLeaf: path.issuerLeaf,
  };
}

function credentialInputs({ credential, credentialSignature }: EligibilityWitness): CircuitInputs {
  const { keys, values } = factInputs(credential.facts);
  return {
    factKeys: keys,
    factValues: values,
    credentialFrom: credential.validity.from,
    credentialUntil: credential.validity.until,
    credentialSalt: credential.salt,
    credentialR8x: credentialSignature.r8x,
    credentialR8y: credentialSignature.r8y,
    credentialS: credentialSignature.s,
  };
}

function issuerInputs({ issuer, issuerPath }: EligibilityWitness): CircuitInputs {
  return {
    issuerAx: issuer.ax,
    issuerAy: issuer.ay,
    issuerFrom: issuer.validity.from,
    issuerUntil: issuer.validity.until,
    grants: issuer.grants,
    issuerShardRoot: issuerPath.shardRoot,
    issuerTopSiblings: [...issuerPath.topSiblings],
    issuerSlot: issuerPath.slot,
  };
}

/** The criteria, and for each row whether a fact meets it and where that fact stands. */
function claimInputs(criteria: readonly Criterion[], facts: readonly Fact[]): CircuitInputs {
  const { rules, keys, values } = criteriaInputs(criteria);
  const places = criteria.map((row) => facts.findIndex((fact) => isMetBy(row, fact)));
  const unused = new Array<number>(MAX_CRITERIA - criteria.length).fill(0);
  return {
    rules,
    criterionKeys: keys,
    criterionValues: values,
    isClaimed: [...places.map((place) => (place < 0 ? 0 : 1)), ...unused],
    places: [...places.map((place) => Math.max(place, 0)), ...unused],
  };
}
