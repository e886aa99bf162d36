import { keccak256, toHex } from 'viem';
import { expect, test } from 'vitest';
import { hashOfCode } from '../../../src/ledger/rpc/code-hash.js';

test('the hash of a code is keccak256, asked for the first time, again, and after many others', () => {
  // More than are kept, of one length and with one beginning: no code may be taken for another.
  const codes = Array.from({ length: 40 }, (_, last) =>
    toHex(Uint8Array.from({ length: 2_000 }, (_, at) => (at === 1_999 ? last : 0xab))),
  );
  const asked = ['0x' as const, ...codes, ...codes.toReversed(), ...codes];
  for (const code of asked) expect(hashOfCode(code)).toBe(keccak256(code));
});
