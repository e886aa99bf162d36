import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { DomainError } from '../errors.js';
import { sha256 } from '../sha256.js';
import type { Seconds } from '../time.js';

/** What work is done for: it serves this institution, these secrets and these minutes alone. */
export interface PuzzleTask {
  readonly institution: string;
  /** Canonical decimals, in the order in which they are sent. */
  readonly secrets: readonly string[];
  /** When the work was begun, seconds since 1900. */
  readonly at: Seconds;
}

/** That work was done. */
export interface PuzzleSolution {
  readonly at: Seconds;
  /** In [0, 2^53). */
  readonly nonce: number;
}

/**
 * Work for one secret: 2^18 hashes on average. In Node 0.5 s of a core (510,000 hashes a second), 1.2 s
 * by the clock of a busy machine: `npm run bench:puzzle`. Not measured in a browser.
 */
export const PUZZLE_BITS = 18;
/** More than anybody asks for: 2^32 hashes. */
export const MAX_PUZZLE_BITS = 32;

const TAG = 'assent/puzzle';
const MAX_AGE_SECONDS = 600;
/** How far a wallet's clock may be ahead. */
const MAX_AHEAD_SECONDS = 60;
const HASH_BITS = 256;
/** Hashes between two turns of the event loop, so that a page stays alive. */
const HASHES_PER_TURN = 8_192;

/**
 * Does the work: finds a nonce for which SHA-256(SHA-256(tag | institution | at | secrets), nonce as 8
 * bytes big-endian), times the number of secrets, is below 2^(256 - bits).
 *
 * @param bits - for each secret, 0 to 32: 2^bits hashes on average.
 */
export async function solvePuzzle(task: PuzzleTask, bits: number): Promise<PuzzleSolution> {
  const block = blockOf(task);
  for (let nonce = 0; ; nonce += 1) {
    if (isBelow(hashOf(block, nonce), bits, task.secrets.length)) return { at: task.at, nonce };
    if (nonce % HASHES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
  }
}

/**
 * Requires that the work was done for this task, lately: one hash.
 *
 * @throws DomainError PUZZLE_INVALID if it is too old or from the future; PUZZLE_TOO_EASY {bits} if
 * less work was done than is asked for, or for something else.
 */
export function requireSolved(
  task: Omit<PuzzleTask, 'at'>,
  { at, nonce }: PuzzleSolution,
  asked: { readonly bits: number; readonly now: Seconds },
): void {
  const isNow = at >= asked.now - MAX_AGE_SECONDS && at <= asked.now + MAX_AHEAD_SECONDS;
  if (!isNow || !Number.isSafeInteger(nonce) || nonce < 0) throw new DomainError('PUZZLE_INVALID');
  const hash = hashOf(blockOf({ ...task, at }), nonce);
  if (!isBelow(hash, asked.bits, task.secrets.length)) {
    throw new DomainError('PUZZLE_TOO_EASY', { bits: asked.bits });
  }
}

/** The digest of the task and room for a nonce: one block of SHA-256. */
function blockOf({ institution, secrets, at }: PuzzleTask): Uint8Array {
  const task = [TAG, institution, String(at), secrets.join(',')].join('|');
  return concatBytes(sha256(utf8ToBytes(task)), new Uint8Array(8));
}

function hashOf(block: Uint8Array, nonce: number): Uint8Array {
  const view = new DataView(block.buffer, block.length - 8);
  view.setUint32(0, Math.floor(nonce / 2 ** 32));
  view.setUint32(4, nonce % 2 ** 32);
  return sha256(block);
}

function isBelow(hash: Uint8Array, bits: number, secrets: number): boolean {
  // Most hashes are told by their first four bytes.
  const view = new DataView(hash.buffer, hash.byteOffset);
  if (view.getUint32(0) * secrets >= 2 ** (32 - bits)) return false;
  const value = hash.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return value * BigInt(secrets) < 1n << BigInt(HASH_BITS - bits);
}
