import { DomainError } from '../../core/errors.js';
import type { Holder } from './holder-key.js';
import { type SelfSignedForm, toSelfSignedForm, verifySelfSigned } from './self-signed.js';

/** How far ahead of this node's clock a requester's may be, seconds. */
const AHEAD_SECONDS = 60;

/**
 * Requires a token that its bearer signed itself, for this gateway and a short time.
 *
 * Nothing was issued: the key in its header shows its own possession, and what it may read is what
 * was presented for that key.
 *
 * @param rule.audience - thumbprint of the gateway that passed it on.
 * @param rule.nowMs - Unix milliseconds.
 * @param rule.maxSeconds - longest life, from iat to exp.
 * @throws DomainError TOKEN_MALFORMED if it is no such JWT at all; TOKEN_INVALID if signature,
 * audience or lifetime does not hold.
 */
export async function requireRequesterToken(
  jwt: string,
  rule: { readonly audience: string; readonly nowMs: number; readonly maxSeconds: number },
): Promise<Holder> {
  const form = formOf(jwt);
  try {
    const times = { aheadSeconds: AHEAD_SECONDS, graceSeconds: 0 };
    return (await verifySelfSigned(form, { ...rule, ...times })).signer;
  } catch (cause) {
    throw new DomainError('TOKEN_INVALID', {}, cause);
  }
}

function formOf(jwt: string): SelfSignedForm {
  try {
    return toSelfSignedForm(jwt);
  } catch (cause) {
    throw new DomainError('TOKEN_MALFORMED', {}, cause);
  }
}
