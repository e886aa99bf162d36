import { z } from 'zod';
import { type Clock, systemClock } from '../../core/clock.js';
import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Gateway } from '../gateway/gateway.js';
import type { LedgerAccounts } from '../gateway/ledger-accounts.js';
import {
  newReceiptNonce,
  type Receipt,
  requireReceipt,
  SIGNED_FIELDS,
  SignedForm,
} from '../gateway/receipt.js';
import { type ProvenConsent, withProof } from './withdrawal-proof.js';

export const WITHDRAW = `mutation Withdraw(
  $secrets: [Field!]!, $institution: ID, $nonce: String,
  $shown: [ShownConsentInput!], $puzzle: PuzzleInput
) {
  withdrawConsents(
    secrets: $secrets, institution: $institution, nonce: $nonce, shown: $shown, puzzle: $puzzle
  ) {
    outcomes {
      institution { id } status refused { index code } held ${SIGNED_FIELDS}
    }
  }
}`;

const OutcomeForm = z.object({
  institution: z.object({ id: z.string() }),
  status: z.string(),
  refused: z.array(z.object({ index: z.int(), code: z.string() })),
  held: z.array(z.int()).default([]),
  signed: SignedForm,
});
const WithdrawnForm = z.object({ outcomes: z.array(OutcomeForm) });

/** What one institution has signed that it did, or why there is no proof that it did anything. */
export interface WithdrawalOutcome {
  readonly institution: InstitutionId;
  /** Why a secret was refused, by its index. */
  readonly refused: readonly { readonly index: number; readonly code: string }[];
  /**
   * Indexes of secrets that it does not know. It holds them for some weeks, in which every
   * institution refuses their consents, but they are in no feed and no digest unless an institution
   * that knows them publishes them.
   */
  readonly held: readonly number[];
  /** Undefined without a signed answer: then nothing is certain to be withdrawn there. */
  readonly receipt: Receipt | undefined;
  /** Why there is no receipt, for example SOURCE_FAILED, RECEIPT_MISSING or RECEIPT_INVALID. */
  readonly failure: ErrorCode | undefined;
}

export interface Withdrawn {
  /** Whether enough institutions have signed that they took every secret, held ones included. */
  readonly complete: boolean;
  /**
   * Indexes of secrets that no institution has signed to have published: their consents are refused
   * for some weeks only.
   */
  readonly unpublished: readonly number[];
  readonly outcomes: readonly WithdrawalOutcome[];
}

/** How many institutions must take a secret: a single one could keep it to itself. */
const COPIES = 2;

/**
 * Withdraws consents by publishing their secrets at two institutions, on which all institutions
 * act. A gateway's word does not count: each institution signs which secrets it took, which of them
 * it only holds, and by when the rest will be anchored.
 *
 * @param by.ledger - where the wallet reads which account signs for an institution.
 * @param options.institutions - asked in this order until enough have taken all; default: the
 *   active ones, starting with a random one.
 * @param options.copies - how many must take them; default 2, if the network has two.
 * @param options.proven - the consents with their paths, if the wallet has them: with these, an
 *   institution that does not know a consent takes its secret at once and for ever. Without them,
 *   proof of work is needed.
 * @param options.clock - dates the proof of work; default: the machine's clock.
 * @throws what the ledger throws.
 */
export async function withdrawConsents(
  by: { readonly gateway: Gateway; readonly ledger: LedgerAccounts },
  secrets: readonly bigint[],
  options: {
    readonly institutions?: readonly InstitutionId[];
    readonly copies?: number;
    readonly proven?: readonly ProvenConsent[];
    readonly clock?: Clock;
  } = {},
): Promise<Withdrawn> {
  const active = [...(await by.ledger.accounts()).keys()];
  const { institutions = fromAnywhere(active), proven = [], clock = systemClock } = options;
  const { copies = Math.max(1, Math.min(COPIES, active.length)) } = options;
  const outcomes: WithdrawalOutcome[] = [];
  const taken = () => outcomes.filter(tookAll).length;
  for (const institution of new Set(institutions)) {
    if (taken() >= copies) break;
    const publishing = withProof<WithdrawalOutcome>({
      institution,
      secrets,
      proven,
      clock,
      send: (proof) => publishAt(by, secrets, institution, proof),
      refusals: ({ refused }) => refused.map(({ code }) => code),
    });
    outcomes.push(await publishing);
  }
  return { complete: taken() >= copies, unpublished: unpublishedOf(secrets, outcomes), outcomes };
}

function unpublishedOf(
  secrets: readonly bigint[],
  outcomes: readonly WithdrawalOutcome[],
): readonly number[] {
  const signed = outcomes.filter(({ receipt }) => receipt !== undefined);
  const isPublished = (place: number) =>
    signed.some(
      ({ refused, held }) => !held.includes(place) && refused.every(({ index }) => index !== place),
    );
  return [...secrets.keys()].filter((place) => !isPublished(place));
}

function tookAll({ receipt, refused }: WithdrawalOutcome): boolean {
  return receipt !== undefined && refused.length === 0;
}

async function publishAt(
  { gateway, ledger }: Parameters<typeof withdrawConsents>[0],
  secrets: readonly bigint[],
  institution: InstitutionId,
  proof: Readonly<Record<string, unknown>>,
): Promise<WithdrawalOutcome> {
  const nonce = newReceiptNonce();
  const request = { secrets: secrets.map(String) };
  try {
    const variables = { ...request, institution, nonce, ...proof };
    const { data, errors } = await gateway.send({ document: WITHDRAW, variables });
    if (errors[0] !== undefined) throw errors[0];
    const parsed = WithdrawnForm.safeParse(data.withdrawConsents);
    const own = parsed.data?.outcomes.find((one) => one.institution.id === institution);
    if (own === undefined || own.status !== 'OK') {
      throw new DomainError('SOURCE_FAILED', { institution });
    }
    const { refused, held, signed } = own;
    const outcome = { refused, held };
    const asked = { institution, act: 'WITHDRAW', request, outcome, nonce } as const;
    const receipt = await requireReceipt(ledger, asked, signed);
    return { institution, refused, held, receipt, failure: undefined };
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    const { code } = thrown;
    return { institution, refused: [], held: [], receipt: undefined, failure: code };
  }
}

function fromAnywhere(institutions: readonly InstitutionId[]): readonly InstitutionId[] {
  const start = Math.floor(Math.random() * institutions.length);
  return [...institutions.slice(start), ...institutions.slice(0, start)];
}
