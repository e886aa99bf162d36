import { describe, expect, test, vi } from 'vitest';

/** The preimages that were hashed since they were last looked at. */
const { hashed } = vi.hoisted(() => ({ hashed: [] as bigint[][] }));
vi.mock('../../src/zk/poseidon.js', async (original) => {
  const { poseidon, ...others } = await original<typeof import('../../src/zk/poseidon.js')>();
  const noted = (inputs: readonly bigint[]) => {
    hashed.push([...inputs]);
    return poseidon(inputs);
  };
  return { ...others, poseidon: noted };
});

const { eddsaPublicKey, requireEddsa, signEddsa } = await import('../../src/zk/eddsa.js');
const credential = await import('../../src/zk/credential.js');
const { fieldOf } = await import('../../src/zk/field.js');
const { KINDS } = await import('../../src/zk/kinds.js');
const leaf = await import('../../src/zk/leaf.js');

const period = { from: 1n, until: 2n };
const consent: Parameters<typeof leaf.consentLeaf>[0] = {
  ...{ pseudonym: 1n, requester: 2n, study: 3n, institution: 4n, scope: 5n, duties: 6n },
  ...{ validity: period, dataWindow: period, policy: 7n, serial: 8n, handle: 9n, salt: 10n },
};
const facts: Parameters<typeof credential.credentialMessage>[0] = {
  ...{ pseudonym: 1n, facts: [], validity: period, salt: 2n },
};

/** All that a study key or an issuer key signs: what each begins with, and how many elements it has. */
const MESSAGES: Readonly<Record<string, readonly [keyof typeof KINDS, number, () => bigint]>> = {
  consentLeaf: ['CONSENT', 13, () => leaf.consentLeaf(consent)],
  linkMessage: ['LINK', 3, () => leaf.linkMessage(1n, 'code')],
  listMessage: ['LIST', 4, () => leaf.listMessage(1n, 2n, 3n)],
  eraseMessage: ['LIST', 5, () => leaf.eraseMessage(1n, [2n])],
  credentialMessage: ['CREDENTIAL', 5, () => credential.credentialMessage(facts)],
};

describe('what is signed with EdDSA', () => {
  test.each(Object.entries(MESSAGES))('%s has the kind and the length of the table', (_, row) => {
    const [kind, length, make] = row;
    hashed.length = 0;
    make();
    const preimage = hashed.at(-1);
    expect([preimage?.[0], preimage?.length]).toEqual([KINDS[kind], length]);
  });

  test('has a kind and a length that no other has', () => {
    const forms = Object.values(MESSAGES).map(([kind, length]) => `${kind} ${length}`);
    expect(new Set(forms).size).toBe(forms.length);
  });

  test('is all in the table', () => {
    const all = Object.keys({ ...leaf, ...credential }).filter((name) => /Message$/.test(name));
    expect([...all, 'consentLeaf'].sort()).toEqual(Object.keys(MESSAGES).sort());
  });

  test('and begins with a constant is never read as another: a list erases nothing', () => {
    const seed = new Uint8Array(32).fill(5);
    // A list whose moment and session somebody chose so that they are an erasure's last elements.
    const list = leaf.listMessage(1n, fieldOf('assent/erase'), fieldOf('2'));
    const signature = signEddsa(seed, list);
    expect(() =>
      requireEddsa(eddsaPublicKey(seed), leaf.eraseMessage(1n, [2n]), signature),
    ).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  });
});
