import { expect } from 'vitest';
import { openWallet } from '../../../src/client/consent/wallet.js';
import { memoryBooks } from '../../../src/client/keys/serial-book.js';
import { type Clock, clockOf } from '../../../src/core/clock.js';
import { secondsFromIso } from '../../../src/core/time.js';
import { requesterOf } from '../../../src/zk/leaf.js';
import { RIVERSIDE } from '../names.js';

/** The moment at which these tests play. */
export const NOW_ISO = '2026-03-01T12:00:00Z';
export const nowSeconds = secondsFromIso(NOW_ISO);
export const clock = clockOf(() => Date.parse(NOW_ISO));

export const studyName = { network: 'pilot', sponsor: 'northwind-trials', id: 'NCT90000001' };

/** The requester's secret. */
export const g = 123_456_789n;

export const plaintext = {
  requester: requesterOf(g),
  institution: undefined,
  purposes: ['HRESCH'],
  dataClasses: ['CONDITION', 'OBSERVATION'],
  labels: [],
  duties: ['IRB'],
  validity: {
    from: secondsFromIso('2026-01-01T00:00:00Z'),
    until: secondsFromIso('2027-01-01T00:00:00Z'),
  },
  dataWindow: {
    from: secondsFromIso('2020-01-01T00:00:00Z'),
    until: secondsFromIso('2027-01-01T00:00:00Z'),
  },
  policyText: 'I agree that my conditions and measurements are used for this study.',
} as const;

export function seedOf(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

/** The wallet of a seed that was made just now, and that nobody else keeps a backup of. */
export async function signingWallet(seed: number, time: Clock = clock) {
  const books = { store: memoryBooks(), backups: () => 'NONE' as const };
  const wallet = openWallet(seedOf(seed), { books, clock: time }).forStudy(studyName);
  await wallet.book.begin();
  return wallet;
}

/** A consent as it was registered at Riverside, at a place in its shard. */
/** What a register of these tests asks for: one subtree is as good as another there. */
export const SUBTREE_KEY = 'subtree-key-of-a-tests';

export async function registeredConsent(options: { seed?: number; index?: number } = {}) {
  const { seed = 7, index = 5 } = options;
  const { signed } = await (await signingWallet(seed)).signConsent(plaintext);
  return { ...signed, institution: RIVERSIDE, index, subtreeKey: SUBTREE_KEY };
}

/** What a refusal with that code looks like. */
export function refusal(code: string) {
  return expect.objectContaining({ name: 'DomainError', code });
}
