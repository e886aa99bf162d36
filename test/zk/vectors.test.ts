import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fieldOf, institutionField, studyField } from '../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, requireEddsa, signEddsa } from '../../src/zk/eddsa.js';
import {
  accreditationLeaf,
  accreditationNym,
  backupMessage,
  backupReadMessage,
  consentLeaf,
  EMPTY_LEAF,
  eligibilityIssuerLeaf,
  eraseMessage,
  handleOf,
  issuerLeaf,
  linkMessage,
  listMessage,
  pseudonymOf,
  requesterOf,
  withdrawSecretOf,
} from '../../src/zk/leaf.js';
import { poseidon } from '../../src/zk/poseidon/poseidon.js';
import { accreditationRequest, consentRequest } from '../../src/zk/request.js';
import { slotValueOf } from '../../src/zk/tree.js';
import { isSigned } from '../support/zk/reference-arithmetic.js';

/** What other implementations computed: test/vectors/write-vectors.ts says which, and how. */

type Wire = Readonly<Record<string, string>>;
/** The other members are decimals. */
type IssuerVector = { readonly id: string; readonly term: string; readonly parties: string[] };
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const numbers = (wire: Wire) => (name: string) => BigInt(wire[name] ?? '');

describe('the hashes of poseidon-lite', () => {
  const { hashes } = read('poseidon') as {
    hashes: readonly { readonly inputs: readonly string[]; readonly hash: string }[];
  };

  test.each(hashes.map((one) => [one.inputs.length, one] as const))(
    'are ours, of %i inputs',
    (_count, { inputs, hash }) => {
      expect(poseidon(inputs.map(BigInt))).toBe(BigInt(hash));
    },
  );

  test('are of every length that a leaf can have', () => {
    expect(hashes.map(({ inputs }) => inputs.length)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
  });
});

describe('the keys and signatures of circomlibjs', () => {
  const { signatures } = read('eddsa') as { signatures: readonly Wire[] };

  test.each(signatures)('are ours, and hold in the plain reference (%#)', (wire) => {
    const v = numbers(wire);
    const seed = Uint8Array.from(Buffer.from(wire.seed ?? '', 'hex'));
    const [key, message] = [{ ax: v('ax'), ay: v('ay') }, v('message')];
    const signature = { r8x: v('r8x'), r8y: v('r8y'), s: v('s') };
    expect(eddsaPublicKey(seed)).toEqual(key);
    expect(signEddsa(seed, message)).toEqual(signature);
    expect(() => requireEddsa(key, message, signature)).not.toThrow();
    expect(isSigned(key, [signature.r8x, signature.r8y, signature.s], message)).toBe(true);
    expect(isSigned(key, [signature.r8x, signature.r8y, signature.s], message + 1n)).toBe(false);
  });
});

describe('the leaves, names and requests of another implementation', () => {
  const { given, derived } = read('leaves');
  const { issuers } = read('leaves') as { readonly issuers: readonly IssuerVector[] };
  const v = numbers(given);
  const period = ({ from, until }: { readonly from: string; readonly until: string }) => ({
    from: BigInt(from),
    until: BigInt(until),
  });
  const [validity, dataWindow] = [period(given.validity), period(given.dataWindow)];
  const [study, salt] = [v('study'), v('salt')];
  const institution = institutionField('riverside-hospital');
  const pseudonym = pseudonymOf({ ax: v('ax'), ay: v('ay') });
  const requester = requesterOf(v('g'));
  const w = withdrawSecretOf(v('withdrawalKey'), v('serial'));
  const handle = handleOf(w);
  const [policy, serial, party] = [v('policy'), v('serial'), v('party')];
  const [scope, duties] = [v('scope'), v('duties')];
  const who = { pseudonym, requester, study, institution };
  const what = { scope, duties, validity, dataWindow, policy, serial, handle, salt };
  const accreditation = accreditationLeaf({
    requester,
    roles: v('roles'),
    study,
    party,
    validity,
    salt,
  });
  const former = { ax: v('ax'), ay: v('ay'), validity, grants: v('grants') };
  const issuer = issuerLeaf({ ...former, institution, parties: [], term: 1n });
  const formerIssuer = eligibilityIssuerLeaf(former);
  const ours = {
    empty: EMPTY_LEAF,
    institution,
    pseudonym,
    requester,
    w,
    handle,
    accreditation,
    issuer,
    formerIssuer,
    consent: consentLeaf({ ...who, ...what }),
    slot: slotValueOf(accreditation, issuer),
    nullifier: accreditationNym(v('g'), study, v('period')),
    link: linkMessage(institution, given.code),
    list: listMessage(institution, v('at'), v('holder')),
    erase: eraseMessage(institution, [w, 5n]),
    backup: backupMessage(institution, study, 3n, 'copy'),
    backupRead: backupReadMessage(institution, study, v('at'), v('holder')),
    consentRequest: consentRequest({
      institution,
      study,
      scope,
      duties,
      dataWindow,
      expires: v('expires'),
    }),
    accreditationRequest: accreditationRequest({
      role: given.role,
      study,
      party,
      period: v('period'),
    }),
  };

  test.each(Object.entries(derived))('has our %s', (name, value) => {
    expect(ours).toHaveProperty(name, BigInt(String(value)));
  });

  test.each(issuers)('has our issuer leaf in term $term', (vector) => {
    const at = numbers(vector as unknown as Wire);
    const fields = {
      institution: institutionField(vector.id),
      ax: at('ax'),
      ay: at('ay'),
      grants: at('grants'),
      term: at('term'),
      validity: { from: at('validFrom'), until: at('validUntil') },
      parties: vector.parties.map(fieldOf),
    };
    expect(issuerLeaf(fields)).toBe(at('leaf'));
  });

  test('has every value that is ours, and the fields of our texts', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(derived).sort());
    expect(studyField('pilot', 'northwind-trials', 'NCT00000001')).toBe(study);
    expect(fieldOf('salt')).toBe(salt);
  });
});
