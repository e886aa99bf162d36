import { DomainError } from '../errors.js';
import type { InstitutionId } from '../ids.js';

/**
 * The `aud` of operator tokens of one node: `institution@endpoint`. The endpoint is part of it because an
 * institution may have a node in another network too, a trial run for example, under the same id.
 *
 * @param endpoint - the node's URL as the ledger has it. A slash at its end and the case of its host do not
 * count.
 * @throws DomainError BAD_INPUT if it is no http or https URL, or has a query, a fragment or credentials.
 */
export function operatorAudience(institution: InstitutionId, endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isPlain = url !== undefined && url.href === `${url.origin}${url.pathname}`;
  if (!isPlain || !['http:', 'https:'].includes(url.protocol)) {
    throw new DomainError('BAD_INPUT', { endpoint: 'http or https URL, as the ledger has it' });
  }
  return `${institution}@${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
