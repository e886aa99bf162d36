import { poseidon2, poseidon3, poseidon4, poseidon5, poseidon7, poseidon13 } from 'poseidon-lite';
import {
  areBelow,
  hasBit,
  type Inputs,
  isSigned,
  isUnderRoot,
  KIND,
  type Levels,
  pack,
  scalars,
} from './reference-arithmetic.js';

/** The rules of the consent and accreditation statements as the protocol tells them, over plain numbers. */

const ANY_STUDY_GRANT = 8n;

/** Whether somebody who holds these values may claim a consent for what the request says. */
export function holdsConsent(inputs: Inputs, levels: Levels): boolean {
  const v = scalars(inputs);
  const validity = pack(v('validFrom'), v('validUntil'));
  const granted = pack(v('windowGrantedFrom'), v('windowGrantedUntil'));
  const asked = pack(v('windowAskedFrom'), v('windowAskedUntil'));
  const pseudonym = poseidon3([KIND.PSEUDONYM, v('ax'), v('ay')]);
  const requester = poseidon2([KIND.REQUESTER, v('g')]);
  const leaf = poseidon13([
    ...[KIND.CONSENT, pseudonym, requester, v('study'), v('institutionGranted')],
    ...[v('scopeGranted'), v('dutiesGranted'), validity, granted],
    ...[v('policy'), v('serial'), v('handle'), v('salt')],
  ]);
  const request = poseidon7([
    ...[KIND.REQUEST, v('institutionAsked'), v('study'), v('scopeAsked')],
    ...[v('dutiesAcknowledged'), asked, v('expires')],
  ]);
  return (
    areBelow(64n, ['asOf', 'expires', 'validFrom', 'validUntil'].map(v)) &&
    areBelow(64n, [v('windowGrantedFrom'), v('windowGrantedUntil')]) &&
    areBelow(64n, [v('windowAskedFrom'), v('windowAskedUntil')]) &&
    areBelow(96n, [v('scopeAsked'), v('scopeGranted')]) &&
    areBelow(32n, [v('dutiesGranted'), v('dutiesAcknowledged')]) &&
    v('nym') === pseudonym &&
    v('request') === request &&
    isUnderRoot(inputs, levels, leaf, v('issuerLeaf')) &&
    isSigned({ ax: v('ax'), ay: v('ay') }, [v('r8x'), v('r8y'), v('s')], leaf) &&
    (v('institutionGranted') === 0n || v('institutionGranted') === v('institutionAsked')) &&
    (v('scopeAsked') & ~v('scopeGranted')) === 0n &&
    (v('dutiesGranted') & ~v('dutiesAcknowledged')) === 0n &&
    v('windowGrantedFrom') <= v('windowAskedFrom') &&
    v('windowAskedFrom') < v('windowAskedUntil') &&
    v('windowAskedUntil') <= v('windowGrantedUntil') &&
    v('validFrom') <= v('asOf') &&
    v('asOf') < v('expires') &&
    v('expires') <= v('validUntil')
  );
}

/** Whether somebody who holds these values may claim to be accredited for what the request says. */
export function holdsAccreditation(inputs: Inputs, levels: Levels): boolean {
  const v = scalars(inputs);
  const requester = poseidon2([KIND.REQUESTER, v('g')]);
  const validity = pack(v('validFrom'), v('validUntil'));
  const leaf = poseidon7([
    ...[KIND.ACCREDITATION, requester, v('roles'), v('studyGranted'), v('party'), validity],
    v('salt'),
  ]);
  const issuerValidity = pack(v('issuerFrom'), v('issuerUntil'));
  const listed = listedParties(inputs);
  const [p1 = 0n, p2 = 0n, p3 = 0n, p4 = 0n, p5 = 0n, p6 = 0n, p7 = 0n, p8 = 0n] = listed;
  const parties = poseidon5([poseidon5([KIND.PARTIES, p1, p2, p3, p4]), p5, p6, p7, p8]);
  const mandate = poseidon5([
    ...[KIND.MANDATE, issuerValidity, v('grants'), parties, v('issuerTerm')],
  ]);
  const issuer = poseidon5([
    ...[KIND.ISSUER, v('issuerInstitution'), v('issuerAx'), v('issuerAy'), mandate],
  ]);
  const { role, study } = { role: v('role'), study: v('study') };
  return (
    areBelow(64n, ['asOf', 'validFrom', 'validUntil', 'issuerFrom', 'issuerUntil'].map(v)) &&
    areBelow(8n, [v('roles')]) &&
    areBelow(16n, [v('grants')]) &&
    v('nym') === poseidon4([KIND.NULLIFIER, v('g'), study, v('period')]) &&
    v('handle') === 0n &&
    v('request') === poseidon5([KIND.REQUEST, role, study, v('party'), v('period')]) &&
    isUnderRoot(inputs, levels, leaf, issuer) &&
    role < 8n &&
    hasBit(v('roles'), role) &&
    hasBit(v('grants'), role) &&
    (v('party') === 0n || listed.includes(v('party'))) &&
    (v('studyGranted') === study || v('studyGranted') === 0n) &&
    (v('studyGranted') !== 0n || hasBit(v('grants'), ANY_STUDY_GRANT)) &&
    v('validFrom') <= v('asOf') &&
    v('asOf') < v('validUntil') &&
    v('issuerFrom') <= v('asOf') &&
    v('asOf') < v('issuerUntil')
  );
}

function listedParties({ issuerParties }: Inputs): readonly bigint[] {
  if (!Array.isArray(issuerParties) || issuerParties.length !== 8) throw new Error('no parties');
  return issuerParties;
}
