import { DomainError } from '../core/errors.js';
import { type InstitutionId, toInstitutionId } from '../core/ids.js';
import type { Gateway } from './gateway.js';
import { PRESENTED_FIELDS, type Presented, PresentedForm } from './present.js';
import { type ProvenConsent, withProof } from './withdrawal-proof.js';

const WITHDRAW = `mutation Withdraw(
  $secrets: [Field!]!, $institution: ID, $shown: [ShownConsentInput!], $puzzle: PuzzleInput
) {
  withdrawConsents(
    secrets: $secrets, institution: $institution, shown: $shown, puzzle: $puzzle
  ) { ${PRESENTED_FIELDS} } }`;

/**
 * Withdraws consents: publishes their secrets where one will, and all act on it.
 *
 * @param options.institutions - in this order, until enough have taken all of them; absent: the
 * gateway asks one after another.
 * @param options.copies - how many have to take them, 1 unless it says otherwise: one that is given a
 * secret could keep it to itself.
 * @param options.proven - the consents with their paths, if the wallet has them: an institution that
 * does not know a consent takes its secret at once, and for ever. Without them, work is done.
 * @returns what each institution asked did; complete if enough took all.
 */
export async function withdrawConsents(
  gateway: Gateway,
  secrets: readonly bigint[],
  options: {
    readonly institutions?: readonly InstitutionId[];
    readonly copies?: number;
    readonly proven?: readonly ProvenConsent[];
  } = {},
): Promise<Presented> {
  const { institutions, copies = 1, proven = [] } = options;
  if (institutions === undefined) return anywhere(gateway, secrets, proven);
  const outcomes: Presented['outcomes'][number][] = [];
  const taken = () => outcomes.filter(({ accepted }) => accepted === secrets.length).length;
  for (const institution of new Set(institutions)) {
    if (taken() >= copies) break;
    try {
      const presented = await provenAt(gateway, secrets, institution, proven);
      // A gateway that answers for others than it was asked for does not make one count as two.
      outcomes.push(...presented.outcomes.filter((one) => one.institution.id === institution));
    } catch (thrown) {
      if (!(thrown instanceof DomainError)) throw thrown;
      const refused = { index: 0, code: thrown.code, message: thrown.message, retry: thrown.retry };
      outcomes.push({
        ...{ institution: { id: institution }, status: 'UNREACHABLE', accepted: 0 },
        refused: [refused],
      });
    }
  }
  return { complete: taken() >= copies, outcomes };
}

/** Where the consents are known, or else at any that asked for more than the secrets. */
async function anywhere(
  gateway: Gateway,
  secrets: readonly bigint[],
  proven: readonly ProvenConsent[],
): Promise<Presented> {
  const found = await publishAt(gateway, secrets, undefined);
  if (found.complete) return found;
  const [asked] = found.outcomes.filter(({ status }) => status === 'OK');
  if (asked === undefined) return found;
  return provenAt(gateway, secrets, toInstitutionId(asked.institution.id), proven);
}

/** With what shows that the consents are real, where the institution does not know them. */
async function provenAt(
  gateway: Gateway,
  secrets: readonly bigint[],
  institution: InstitutionId,
  proven: readonly ProvenConsent[],
): Promise<Presented> {
  return withProof<Presented>({
    ...{ institution, secrets, proven },
    send: (proof) => publishAt(gateway, secrets, institution, proof),
    refusals: ({ outcomes }) =>
      outcomes.flatMap(({ refused }) => refused.map(({ code }) => String(code))),
  });
}

async function publishAt(
  gateway: Gateway,
  secrets: readonly bigint[],
  institution: InstitutionId | undefined,
  proof: Readonly<Record<string, unknown>> = {},
): Promise<Presented> {
  const variables = { secrets: secrets.map(String), institution: institution ?? null, ...proof };
  const { data, errors } = await gateway.send({ document: WITHDRAW, variables });
  if (errors[0] !== undefined) throw errors[0];
  return PresentedForm.parse(data.withdrawConsents);
}
