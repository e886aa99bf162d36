import { beforeAll, describe, expect, test } from 'vitest';
import { verifyingCurve } from '../../../src/zk/arithmetic/curve.js';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { COORDINATE_ORDER } from '../../../src/zk/arithmetic/point.js';
import { loadProvingArtifacts, loadVerificationKey } from '../../../src/zk/artifacts.js';
import { accreditationNym, consentLeaf } from '../../../src/zk/leaf.js';
import type { Proof } from '../../../src/zk/proof.js';
import { type ProvenStatement, proveConsent } from '../../../src/zk/prove.js';
import { accreditationRequest, consentRequest } from '../../../src/zk/request.js';
import type { Statement } from '../../../src/zk/statement.js';
import { networkRootOf } from '../../../src/zk/tree.js';
import { requireVerificationKey } from '../../../src/zk/verification-key.js';
import { loadStatements, verifyStatement } from '../../../src/zk/verify/verify.js';
import { accreditationWitness, consentWitness, g, holder, NOW } from '../../support/zk/sample.js';
import { pinnedOf } from '../corpus/pinned.js';

const policy = { production: false, allowDevelopmentKeys: false };
const refused = (code: string) => expect.objectContaining({ code });
const witness = consentWitness();

// Proven by corpus/pin.ts of the samples next to this file; client/query.test.ts makes new proofs.
const consent = pinned('consent');
const accreditation = pinned('accreditation');

beforeAll(() => loadStatements(policy));

function pinned(statement: Statement): ProvenStatement {
  const { proof, signals } = pinnedOf(statement);
  return { proof, publicSignals: signals };
}

function verify(change: Partial<Record<keyof Proof, unknown>>, signals = consent.publicSignals) {
  return verifyStatement('consent', signals, { ...consent.proof, ...change });
}

describe('a proven statement', () => {
  test('of consent verifies, and says what it was proven for', async () => {
    const { statement, signals } = await verify({});
    expect(statement).toBe('consent');
    expect(signals).toEqual({
      root: networkRootOf(consentLeaf(witness.consent), witness.path),
      nym: witness.consent.pseudonym,
      handle: witness.consent.handle,
      request: consentRequest(witness.asked),
      asOf: NOW,
      holder,
    });
  });

  test('of accreditation verifies, and names nobody', async () => {
    const { proof, publicSignals } = accreditation;
    const { signals } = await verifyStatement('accreditation', publicSignals, proof);
    const { asked } = accreditationWitness;
    expect(signals.nym).toBe(accreditationNym(g, asked.study, asked.period));
    expect(signals.handle).toBe(0n);
    expect(signals.request).toBe(accreditationRequest(asked));
  });

  test('of one kind is none of the other', async () => {
    const { proof, publicSignals } = consent;
    await expect(verifyStatement('accreditation', publicSignals, proof)).rejects.toThrow(
      refused('PROOF_INVALID'),
    );
  });

  test('survives a round trip through JSON', async () => {
    const { proof, publicSignals } = JSON.parse(JSON.stringify(consent));
    await verifyStatement('consent', publicSignals, proof);
  });

  test('verifies many at once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => verify({})));
  });
});

describe('public signals', () => {
  test.each([0, 1, 2, 3, 4, 5])('cannot be changed after proving (signal %i)', async (position) => {
    const changed = consent.publicSignals.map((text, i) =>
      i === position ? `${BigInt(text) + 1n}` : text,
    );
    await expect(verify({}, changed)).rejects.toThrow(refused('PROOF_INVALID'));
  });

  test.each([
    ['the same value plus r', (text: string) => `${BigInt(text) + FIELD_ORDER}`],
    ['a leading zero', (text: string) => `0${text}`],
    ['hexadecimal', (text: string) => `0x${BigInt(text).toString(16)}`],
    ['a number', (text: string) => Number(text) as unknown as string],
    ['a minus sign', (text: string) => `-${text}`],
    ['a million digits', () => '9'.repeat(1_000_000)],
  ])('have one text each: not %s', async (_name, other) => {
    const changed = consent.publicSignals.map((text, i) => (i === 4 ? other(text) : text));
    await expect(verify({}, changed)).rejects.toThrow(refused('FIELD_OUT_OF_RANGE'));
  });

  test.each([0, 5, 7, 100])('are six, not %i', async (count) => {
    const changed = Array.from({ length: count }, (_, i) => consent.publicSignals[i] ?? '0');
    await expect(verify({}, changed)).rejects.toThrow(refused('PROOF_MALFORMED'));
  });

  test('are no object that looks like six', async () => {
    const changed = { ...consent.publicSignals, length: 6 } as unknown as string[];
    await expect(verify({}, changed)).rejects.toThrow(refused('PROOF_MALFORMED'));
  });
});

/** A point on the twist y² = x³ + 3/(9 + u) outside the subgroup of order r. */
const OUTSIDE_SUBGROUP = findPointOutsideSubgroup();

describe('a proof', () => {
  test.each<[string, (proof: Proof) => object]>([
    ['without pi_c', ({ pi_c: _, ...rest }) => rest],
    ['with another key', (proof) => ({ ...proof, extra: 1 })],
    ['of another protocol', (proof) => ({ ...proof, protocol: 'plonk' })],
    ['on another curve', (proof) => ({ ...proof, curve: 'bls12381' })],
    ['with a truncated point', (proof) => ({ ...proof, pi_a: proof.pi_a.slice(0, 2) })],
    ['with a longer point', (proof) => ({ ...proof, pi_a: [...proof.pi_a, '1'] })],
    ['with z = 2', (proof) => ({ ...proof, pi_a: [proof.pi_a[0], proof.pi_a[1], '2'] })],
    ['with a point at infinity', (proof) => ({ ...proof, pi_a: ['0', '1', '0'] })],
    [
      'with (0, 0), which the library takes for infinity',
      (proof) => ({ ...proof, pi_a: ['0', '0', '1'] }),
    ],
    [
      'with a coordinate plus q',
      (proof) => ({
        ...proof,
        pi_a: [`${BigInt(proof.pi_a[0]) + COORDINATE_ORDER}`, proof.pi_a[1], '1'],
      }),
    ],
    [
      'with a leading zero',
      (proof) => ({ ...proof, pi_c: [`0${proof.pi_c[0]}`, proof.pi_c[1], '1'] }),
    ],
    ['with a number for a coordinate', (proof) => ({ ...proof, pi_c: [1, 2, 1] })],
    ['with a point off G1', (proof) => ({ ...proof, pi_a: [proof.pi_a[1], proof.pi_a[0], '1'] })],
    [
      'with a point off G2',
      (proof) => ({ ...proof, pi_b: [proof.pi_b[1], proof.pi_b[0], proof.pi_b[2]] }),
    ],
    [
      'with G2 coordinates swapped',
      (proof) => ({
        ...proof,
        pi_b: [[proof.pi_b[0][1], proof.pi_b[0][0]], proof.pi_b[1], proof.pi_b[2]],
      }),
    ],
    [
      'with a point of the twist outside the subgroup',
      (proof) => ({ ...proof, pi_b: OUTSIDE_SUBGROUP }),
    ],
    ['a million digits long', (proof) => ({ ...proof, pi_a: ['9'.repeat(1_000_000), '2', '1'] })],
    ['with a prototype for keys', (proof) => Object.create(proof)],
  ])('%s is malformed', async (_name, change) => {
    await expect(
      verifyStatement('consent', consent.publicSignals, change(consent.proof)),
    ).rejects.toThrow(refused('PROOF_MALFORMED'));
  });

  test.each([null, undefined, 1, 'proof', [], {}])('is not %j', async (proof) => {
    await expect(verifyStatement('consent', consent.publicSignals, proof)).rejects.toThrow(
      refused('PROOF_MALFORMED'),
    );
  });

  test('with well-formed but other points is invalid', async () => {
    const { pi_a, pi_c } = consent.proof;
    await expect(verify({ pi_a: pi_c, pi_c: pi_a })).rejects.toThrow(refused('PROOF_INVALID'));
    const minus: unknown = [pi_a[0], `${COORDINATE_ORDER - BigInt(pi_a[1])}`, '1'];
    await expect(verify({ pi_a: minus })).rejects.toThrow(refused('PROOF_INVALID'));
    await expect(verify({ pi_b: accreditation.proof.pi_b })).rejects.toThrow(
      refused('PROOF_INVALID'),
    );
  });
});

describe('proving', () => {
  test('what the consent does not cover is refused, and names the rule', async () => {
    const asked = { ...witness.asked, scope: witness.asked.scope | 1n };
    await expect(
      proveConsent({ ...witness, asked }, await loadProvingArtifacts('consent', policy)),
    ).rejects.toThrow(
      expect.objectContaining({ code: 'WITNESS_UNSATISFIED', facts: { rule: 'RequireSubset' } }),
    );
  });

  test('answers when its time is over', async () => {
    const { wasm } = await loadProvingArtifacts('consent', policy);
    // Without a proving key, what goes on behind the answer ends by itself once there is a witness.
    const artifacts = { wasm, zkey: new Uint8Array() };
    await expect(proveConsent(witness, artifacts, { timeoutMs: 1 })).rejects.toThrow(
      refused('PROVING_TIMEOUT'),
    );
  });
});

describe('development keys', () => {
  const production = { production: true, allowDevelopmentKeys: false };
  test('are refused in production, for proving and for verifying', async () => {
    await expect(loadProvingArtifacts('consent', production)).rejects.toThrow(
      refused('DEVELOPMENT_KEYS_REFUSED'),
    );
    await expect(loadStatements(production)).rejects.toThrow(refused('DEVELOPMENT_KEYS_REFUSED'));
  });
  test('are taken there if the operator says so', async () => {
    await loadStatements({ production: true, allowDevelopmentKeys: true });
  });
});

describe('a verification key', () => {
  test.each<[string, (key: Record<string, unknown>) => object]>([
    [
      'with gamma = delta, the set-up without a contribution',
      (key) => ({ vk_delta_2: key.vk_gamma_2 }),
    ],
    ['that leaves a signal out', (key) => ({ IC: (key.IC as unknown[]).slice(0, 6) })],
    ['of another count of signals', () => ({ nPublic: 5 })],
    ['with a point outside the subgroup', () => ({ vk_gamma_2: OUTSIDE_SUBGROUP })],
    ['with a point off the curve', () => ({ vk_alpha_1: ['1', '1', '1'] })],
    ['of another protocol', () => ({ protocol: 'plonk' })],
  ])('%s is refused at load', async (_name, change) => {
    const json = (await loadVerificationKey('consent', policy)).json as Record<string, unknown>;
    const curve = await verifyingCurve();
    requireVerificationKey(curve, json);
    expect(() => requireVerificationKey(curve, { ...json, ...change(json) })).toThrow(
      refused('ARTIFACT_MISMATCH'),
    );
  });
});

/** Tries x = n + 0u until the curve equation has a root: the cofactor makes it all but surely outside. */
function findPointOutsideSubgroup(): unknown {
  const q = COORDINATE_ORDER;
  const [b0, b1] = [
    19485874751759354771024239261021720505790618469301721065564631296452457478373n,
    266929791119991161246907387137283842545076965332900288569378510910307636690n,
  ];
  const power = (base: bigint, exponent: bigint) => {
    let result = 1n;
    for (let [b, e] = [base % q, exponent]; e > 0n; e >>= 1n, b = (b * b) % q) {
      if (e & 1n) result = (result * b) % q;
    }
    return result;
  };
  const root = (value: bigint) => {
    const candidate = power(value, (q + 1n) / 4n);
    return (candidate * candidate - value) % q === 0n ? candidate : undefined;
  };
  const half = (q + 1n) / 2n;
  for (let x = 1n; x < 100n; x += 1n) {
    // y² = a + bu; with n = sqrt(a² + b²), y = c + (b/2c)u where c² = (a ± n)/2.
    const a = (x ** 3n + b0) % q;
    const norm = root((a * a + b1 * b1) % q);
    for (const sign of norm === undefined ? [] : [norm, q - norm]) {
      const c = root(((a + sign) * half) % q);
      if (c === undefined || c === 0n) continue;
      const d = (b1 * power(2n * c, q - 2n)) % q;
      return [
        [`${x}`, '0'],
        [`${c}`, `${d}`],
        ['1', '0'],
      ];
    }
  }
  throw new Error('no point found');
}
