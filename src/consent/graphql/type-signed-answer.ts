import type { SignedAnswer } from '../../core/evidence/receipt.js';
import { isoFromSeconds } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';

/** What an argument `nonce` is for. */
export const NONCE =
  'Fresh random text, 16 to 64 characters of base64url. The signed answer repeats it, so that no ' +
  'earlier answer is taken for it. Absent: it repeats none.';

/** Adds SignedAnswer, by which a wallet tells an institution's answer from one of the gateway's own. */
export function addSignedAnswerType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<SignedAnswer>('SignedAnswer').implement({
    description:
      "An institution's word on what it was asked and what it did: SHA-256 of `assent/receipt` and " +
      'canonical JSON, signed by the account that it has on the ledger.',
    fields: (t) => ({
      nonce: t.exposeString('nonce', {
        nullable: true,
        description: "The request's nonce. Null if it had none.",
      }),
      at: t.field({
        type: 'DateTime',
        description: 'When it was signed.',
        resolve: ({ at }) => isoFromSeconds(at),
      }),
      anchorBy: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'By when it is in a digest on the ledger. Null for what no ledger sees.',
        resolve: ({ anchorBy }) => (anchorBy === null ? null : isoFromSeconds(anchorBy)),
      }),
      signature: t.exposeString('signature', {
        description: 'r, s and v of an Ethereum signature: 0x and 130 hexadecimal digits.',
      }),
    }),
  });
}

export type SignedAnswerRef<Opened> = ReturnType<typeof addSignedAnswerType<Opened>>;
