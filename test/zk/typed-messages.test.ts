import { describe, expect, test } from 'vitest';
import { fieldOf } from '../../src/zk/arithmetic/field.js';
import * as credential from '../../src/zk/credential.js';
import { DOMAIN_TAGS } from '../../src/zk/domain-tags.js';
import { eddsaPublicKey, requireEddsa, signEddsa } from '../../src/zk/eddsa.js';
import * as leaf from '../../src/zk/leaf.js';
import { listHash } from '../../src/zk/list-hash.js';
import { poseidon } from '../../src/zk/poseidon/poseidon.js';

const period = { from: 1n, until: 2n };
const packed = leaf.packPeriod(period);
const consent: Parameters<typeof leaf.consentLeaf>[0] = {
  pseudonym: 1n,
  requester: 2n,
  study: 3n,
  institution: 4n,
  scope: 5n,
  duties: 6n,
  validity: period,
  dataWindow: period,
  policy: 7n,
  serial: 8n,
  handle: 9n,
  salt: 10n,
};
const facts: Parameters<typeof credential.credentialMessage>[0] = {
  pseudonym: 1n,
  facts: [],
  validity: period,
  salt: 2n,
};
const noFacts = listHash('FACTS', new Array<bigint>(2 * credential.MAX_FACTS).fill(0n));

/** A message, and all that is hashed for it. */
type Row = readonly [kind: keyof typeof DOMAIN_TAGS, rest: readonly bigint[], message: bigint];

/** All that a study key or an issuer key signs. */
const MESSAGES: Readonly<Record<string, Row>> = {
  consentLeaf: [
    'CONSENT',
    [1n, 2n, 3n, 4n, 5n, 6n, packed, packed, 7n, 8n, 9n, 10n],
    leaf.consentLeaf(consent),
  ],
  linkMessage: ['LINK', [1n, fieldOf('code')], leaf.linkMessage(1n, 'code')],
  listMessage: ['LIST', [1n, 2n, 3n], leaf.listMessage(1n, 2n, 3n)],
  eraseMessage: [
    'LIST',
    [1n, fieldOf('assent/erase'), 1n, fieldOf('2')],
    leaf.eraseMessage(1n, [2n]),
  ],
  backupReadMessage: [
    'LIST',
    [1n, fieldOf('assent/backup-read'), 2n, 3n, 4n],
    leaf.backupReadMessage(1n, 2n, 3n, 4n),
  ],
  backupMessage: [
    'LIST',
    [1n, fieldOf('assent/backup'), 2n, 3n, 5n, fieldOf('bytes')],
    leaf.backupMessage(1n, 2n, 3n, 'bytes'),
  ],
  credentialMessage: ['CREDENTIAL', [1n, noFacts, packed, 2n], credential.credentialMessage(facts)],
};

describe('what is signed with EdDSA', () => {
  test.each(Object.entries(MESSAGES))('%s is the hash of what the table says', (_, row) => {
    const [kind, rest, message] = row;
    expect(message).toBe(poseidon([DOMAIN_TAGS[kind], ...rest]));
  });

  test('has a kind and a length that no other has', () => {
    const forms = Object.values(MESSAGES).map(([kind, rest]) => `${kind} ${rest.length}`);
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
