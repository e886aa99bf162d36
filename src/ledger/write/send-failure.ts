import { BaseError } from 'viem';

/** Why a node did not accept a transaction, if it says so. */
export type SendFailure = 'KNOWN' | 'NONCE_TOO_LOW' | 'UNDERPRICED' | 'UNFUNDED';

/**
 * The standard has no codes for these: each client has its own messages.
 *
 * @source the error texts of go-ethereum (core/txpool/errors.go, core/error.go), Anvil, Besu and Nethermind
 */
const WORDS: readonly (readonly [SendFailure, RegExp])[] = [
  ['KNOWN', /already ?(known|imported)|known transaction/i],
  ['NONCE_TOO_LOW', /nonce[ _]too[ _]low|nonce below|old ?nonce/i],
  ['UNFUNDED', /insufficient ?funds|upfront cost exceeds/i],
  ['UNDERPRICED', /underpriced|fee too low|less than block base fee|replacement ?not ?allowed/i],
];

/** @returns undefined for any other failure, one of the transport included. */
export function sendFailureOf(thrown: unknown): SendFailure | undefined {
  if (!(thrown instanceof BaseError)) return undefined;
  const { details = '', shortMessage } = thrown;
  return WORDS.find(([, words]) => words.test(`${shortMessage} ${details}`))?.[0];
}
