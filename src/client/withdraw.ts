import { z } from 'zod';
import type { ErrorCode } from '../core/error-codes.js';
import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import type { Gateway } from './gateway.js';
import type { LedgerAccounts } from './ledger-accounts.js';
import { newNonce, type Receipt, requireReceipt, SIGNED_FIELDS, SignedForm } from './receipt.js';
import { type ProvenConsent, withProof } from './withdrawal-proof.js';

const WITHDRAW = `mutation Withdraw(
  $secrets: [Field!]!, $institution: ID, $nonce: String,
  $shown: [ShownConsentInput!], $puzzle: PuzzleInput
) {
  withdrawConsents(
    secrets: $secrets, institution: $institution, nonce: $nonce, shown: $shown, puzzle: $puzzle
  ) {
    outcomes {
      institution { id } status refused { index code } ${SIGNED_FIELDS}
    }
  }
}`;

const OutcomeForm = z.object({
  institution: z.object({ id: z.string() }),
  status: z.string(),
  refused: z.array(z.object({ index: z.int(), code: z.string() })),
  signed: SignedForm,
});
const WithdrawnForm = z.object({ outcomes: z.array(OutcomeForm) });

/** What one institution has signed that it did, or why it cannot be believed that it did anything. */
export interface WithdrawalOutcome {
  readonly institution: InstitutionId;
  /** Why a secret was not taken, by its place. */
  readonly refused: readonly { readonly index: number; readonly code: string }[];
  /** Undefined without its word: whatever was said, nothing is known to be withdrawn there. */
  readonly receipt: Receipt | undefined;
  /** Why there is no word of it, for example SOURCE_FAILED, RECEIPT_MISSING or RECEIPT_INVALID. */
  readonly failure: ErrorCode | undefined;
}

export interface Withdrawn {
  /** As many institutions as were needed have signed that they took every secret. */
  readonly complete: boolean;
  readonly outcomes: readonly WithdrawalOutcome[];
}

/** How many institutions take a secret: one alone could keep it to itself. */
const COPIES = 2;

/**
 * Withdraws consents: publishes their secrets at two institutions, and all act on it. What a gateway
 * says counts for nothing: each institution signs what it took, and by when it will be anchored.
 *
 * @param by.ledger - where the wallet reads who signs for an institution.
 * @param options.institutions - in this order, until enough have taken all; absent: the active ones,
 * from a random one on.
 * @param options.copies - how many have to take them; absent: 2, where the network has two.
 * @param options.proven - the consents with their paths, if the wallet has them: an institution that
 * does not know a consent takes its secret at once, and for ever. Without them, work is done.
 * @throws what the ledger throws.
 */
export async function withdrawConsents(
  by: { readonly gateway: Gateway; readonly ledger: LedgerAccounts },
  secrets: readonly bigint[],
  options: {
    readonly institutions?: readonly InstitutionId[];
    readonly copies?: number;
    readonly proven?: readonly ProvenConsent[];
  } = {},
): Promise<Withdrawn> {
  const active = [...(await by.ledger.accounts()).keys()];
  const { institutions = fromAnywhere(active), proven = [] } = options;
  const { copies = Math.max(1, Math.min(COPIES, active.length)) } = options;
  const outcomes: WithdrawalOutcome[] = [];
  const taken = () => outcomes.filter(tookAll).length;
  for (const institution of new Set(institutions)) {
    if (taken() >= copies) break;
    const publishing = withProof<WithdrawalOutcome>({
      ...{ institution, secrets, proven },
      send: (proof) => publishAt(by, secrets, institution, proof),
      refusals: ({ refused }) => refused.map(({ code }) => code),
    });
    outcomes.push(await publishing);
  }
  return { complete: taken() >= copies, outcomes };
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
  const nonce = newNonce();
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
    const { refused, signed } = own;
    const asked = { institution, act: 'WITHDRAW', request, outcome: { refused }, nonce } as const;
    const receipt = await requireReceipt(ledger, asked, signed);
    return { institution, refused, receipt, failure: undefined };
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    const { code } = thrown;
    return { institution, refused: [], receipt: undefined, failure: code };
  }
}

function fromAnywhere(institutions: readonly InstitutionId[]): readonly InstitutionId[] {
  const start = Math.floor(Math.random() * institutions.length);
  return [...institutions.slice(start), ...institutions.slice(0, start)];
}
