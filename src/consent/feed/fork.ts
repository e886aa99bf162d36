import { z } from 'zod';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import type { Bytes32 } from '../base/digest.js';
import type { SignedWord } from '../tables/table-fork.js';
import { chainHeads } from './chain.js';
import {
  bytes32,
  segmentHash,
  segmentRefused,
  segmentShape,
  sequence,
  signatureText,
} from './segment.js';

/**
 * Two signed statements of one institution that cannot belong to one history. They prove to anyone
 * that it told different institutions different things; who shows them need not be trusted.
 */
export interface ForkEvidence {
  readonly institution: InstitutionId;
  /** The word on fewer entries, or on as many. */
  readonly earlier: SignedWord;
  readonly later: SignedWord;
  /** The head after entry `earlier.seq` in the history of `later`: another than `earlier.head`. */
  readonly instead: Bytes32;
  /** The entries that lead in that history from `instead` to `later.head`, canonical decimals. */
  readonly entries: readonly string[];
}

const { head, entries } = segmentShape.shape;
const word = z.strictObject({ seq: sequence, head, signature: signatureText });
const forkShape = z.strictObject({
  institution: z.string().max(40),
  earlier: word,
  later: word,
  instead: bytes32,
  entries,
});

/** @throws DomainError SOURCE_FAILED for any other shape, or for another institution's fork. */
export function parseFork(wire: unknown, asked: InstitutionId): ForkEvidence {
  const parsed = forkShape.safeParse(wire);
  if (!parsed.success) throw segmentRefused(asked, 'shape');
  if (parsed.data.institution !== asked) throw segmentRefused(asked, 'institution');
  return { ...parsed.data, institution: toInstitutionId(parsed.data.institution) };
}

/**
 * Requires that the account signed both words and that no one history holds both.
 *
 * Where `instead` comes from does not matter: who signs one history knows no other entries that
 * hash to a head of it, so a forger would have to find a second preimage of SHA-256.
 *
 * @param signer.account - the institution's on the ledger, 0x and 40 hexadecimal digits.
 * @throws DomainError SOURCE_FAILED with facts.check: contradiction, or signature.
 */
export async function requireFork(
  evidence: ForkEvidence,
  signer: {
    readonly network: string;
    readonly account: string;
    readonly recover: (hash: Bytes32, signature: string) => Promise<string | undefined>;
  },
): Promise<void> {
  const { institution, earlier, later, instead } = evidence;
  const reached = chainHeads(instead, evidence.entries).at(-1) ?? instead;
  const contradicts =
    earlier.seq + evidence.entries.length === later.seq &&
    instead !== earlier.head &&
    reached === later.head;
  if (!contradicts) throw segmentRefused(institution, 'contradiction');
  for (const signed of [earlier, later]) {
    const hash = segmentHash(signer.network, { institution, ...signed });
    const by = await signer.recover(hash, signed.signature);
    if (by?.toLowerCase() !== signer.account.toLowerCase()) {
      throw segmentRefused(institution, 'signature');
    }
  }
}
