import { describe, expect, test } from 'vitest';
import { readAccountSignature } from '../../../src/core/signed/account-signature.js';
import { generateLedgerKey, ledgerAccountOf } from '../../../src/ledger/write/account.js';
import { recoverSigner, signHash } from '../../../src/ledger/write/sign-hash.js';
import { ORDER, TWINS } from '../../support/ledger/signature-twins.js';

const HASH = `0x${'5'.repeat(64)}` as const;
const account = ledgerAccountOf(generateLedgerKey());
const genuine = await signHash(account, HASH);
const word = (value: bigint) => value.toString(16).padStart(64, '0');

describe('a signature of a ledger account', () => {
  test('names who signed', async () => {
    expect(await recoverSigner(HASH, genuine)).toBe(account.address);
    expect(await recoverSigner(`0x${'6'.repeat(64)}`, genuine)).not.toBe(account.address);
  });

  test.each(Object.entries(TWINS))('has no twin: %s', async (_, twin) => {
    expect(await recoverSigner(HASH, twin(genuine))).toBeUndefined();
  });

  test.each([
    ['r = 0', 0n, 1n],
    ['r = n', ORDER, 1n],
    ['s = 0', 1n, 0n],
    ['s above n / 2', 1n, (ORDER >> 1n) + 1n],
  ])('is none with %s', (_, r, s) => {
    expect(readAccountSignature(`0x${word(r)}${word(s)}1b`)).toBeUndefined();
  });

  test('may have the largest r and the largest low s', () => {
    const largest = readAccountSignature(`0x${word(ORDER - 1n)}${word(ORDER >> 1n)}1c`);
    expect(largest).toEqual({ r: ORDER - 1n, s: ORDER >> 1n, yParity: 1 });
  });
});
