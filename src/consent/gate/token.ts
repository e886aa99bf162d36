import { DomainError } from '../../core/errors.js';
import type { Holder } from './holder-key.js';
import {
  type SelfSigned,
  type SelfSignedForm,
  toSelfSignedForm,
  verifySelfSigned,
} from './self-signed.js';

/** How far ahead of this node's clock a requester's may be, seconds. */
const AHEAD_SECONDS = 60;

/** What a token must meet. */
export interface TokenRule {
  /** Thumbprint of the gateway that passed it on. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Longest life, from iat to exp. */
  readonly maxSeconds: number;
}

/**
 * Requires a token that its bearer signed itself, for this gateway and a short time.
 *
 * Nothing was issued: the key in its header shows its own possession, and what it may read is what
 * was presented for that key.
 *
 * @throws DomainError TOKEN_MALFORMED if it is no such JWT at all; TOKEN_INVALID if signature,
 * audience or lifetime does not hold.
 */
export async function requireRequesterToken(jwt: string, rule: TokenRule): Promise<Holder> {
  return (await requireToken(jwt, rule)).signer;
}

/** Tokens verified last: a requester's comes with each of its questions until it ends. */
const MAX_TOKENS = 1_000;

/**
 * Makes requireRequesterToken for one node, which verifies a token's signature once. That it ends is
 * asked each time; all else that it says cannot change, nor can what it was signed with.
 */
export function createTokenCheck(): typeof requireRequesterToken {
  const verified = new Map<string, { readonly holder: Holder; readonly expSeconds: number }>();
  return async (jwt, rule) => {
    const name = `${rule.audience} ${rule.maxSeconds} ${jwt}`;
    const known = verified.get(name);
    if (known !== undefined && known.expSeconds > Math.floor(rule.nowMs / 1000)) {
      return known.holder;
    }
    verified.delete(name);
    const { signer: holder, payload } = await requireToken(jwt, rule);
    verified.set(name, { holder, expSeconds: payload.exp });
    for (const oldest of verified.keys()) {
      if (verified.size <= MAX_TOKENS) break;
      verified.delete(oldest);
    }
    return holder;
  };
}

async function requireToken(jwt: string, rule: TokenRule): Promise<SelfSigned> {
  const form = formOf(jwt);
  try {
    return await verifySelfSigned(form, { ...rule, aheadSeconds: AHEAD_SECONDS, graceSeconds: 0 });
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
