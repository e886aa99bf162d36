import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import type { Gateway } from './gateway.js';
import { PRESENTED_FIELDS, type Presented, PresentedForm } from './present.js';

const WITHDRAW = `mutation Withdraw($secrets: [Field!]!, $institution: ID) {
  withdrawConsents(secrets: $secrets, institution: $institution) { ${PRESENTED_FIELDS} } }`;

/**
 * Withdraws consents: publishes their secrets where one will, and all act on it.
 *
 * @param options.institutions - in this order, until enough have taken all of them; absent: the
 * gateway asks one after another.
 * @param options.copies - how many have to take them, 1 unless it says otherwise: one that is given a
 * secret could keep it to itself.
 * @returns what each institution asked did; complete if enough took all.
 */
export async function withdrawConsents(
  gateway: Gateway,
  secrets: readonly bigint[],
  options: { readonly institutions?: readonly InstitutionId[]; readonly copies?: number } = {},
): Promise<Presented> {
  const { institutions, copies = 1 } = options;
  if (institutions === undefined) return publishAt(gateway, secrets, undefined);
  const outcomes: Presented['outcomes'][number][] = [];
  const taken = () => outcomes.filter(({ accepted }) => accepted === secrets.length).length;
  for (const institution of new Set(institutions)) {
    if (taken() >= copies) break;
    try {
      const presented = await publishAt(gateway, secrets, institution);
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

async function publishAt(
  gateway: Gateway,
  secrets: readonly bigint[],
  institution: InstitutionId | undefined,
): Promise<Presented> {
  const variables = { secrets: secrets.map(String), institution: institution ?? null };
  const { data, errors } = await gateway.send({ document: WITHDRAW, variables });
  if (errors[0] !== undefined) throw errors[0];
  return PresentedForm.parse(data.withdrawConsents);
}
