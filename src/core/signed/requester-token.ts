import { z } from 'zod';
import { DomainError } from '../errors.js';
import {
  type SelfSigned,
  type SelfSignedForm,
  toSelfSignedForm,
  verifySelfSigned,
} from './self-signed.js';
import { SECRET_HASH } from './token-secret.js';

/** How far ahead of this clock a requester's may be, seconds. */
const AHEAD_SECONDS = 60;

/** What a token must meet, at a gateway and at a node. */
export interface TokenRule {
  /** Thumbprint of the gateway that the token is for. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Longest life, from iat to exp. */
  readonly maxSeconds: number;
}

/** A token that verified. */
export interface RequesterToken {
  /** RFC 7638 thumbprint of the key that signed it. */
  readonly signer: string;
  /** Its end, Unix seconds. */
  readonly expSeconds: number;
  /** What its secret must hash to: hashOfTokenSecret. */
  readonly secretHash: string;
  /** Whether a gateway takes it with a DPoP proof of the same key alone. */
  readonly isBound: boolean;
}

/** A member that is not known here would bind the token to something that nobody checks. */
const Confirmation = z.strictObject({
  [SECRET_HASH]: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  jkt: z.string().optional(),
});

/**
 * Requires a token that its bearer signed itself, for this gateway and a short time, and that
 * commits to a secret: one without could be used by each node that is shown it.
 *
 * Nothing was issued: the key in its header shows its own possession, and what it may read is what
 * was presented for that key.
 *
 * @throws DomainError TOKEN_MALFORMED if it is no such JWT at all; TOKEN_INVALID {claim} if
 * signature, audience, lifetime or commitment does not hold.
 */
export async function requireRequesterToken(jwt: string, rule: TokenRule): Promise<RequesterToken> {
  const { signer, payload } = await verified(formOf(jwt), rule);
  const cnf = Confirmation.safeParse(payload.cnf);
  const jkt = cnf.data?.jkt;
  if (!cnf.success || (jkt !== undefined && jkt !== signer)) {
    throw new DomainError('TOKEN_INVALID', { claim: 'cnf' });
  }
  const secretHash = cnf.data[SECRET_HASH];
  return { signer, expSeconds: payload.exp, secretHash, isBound: jkt !== undefined };
}

/** Tokens verified last: a requester's comes with each of its questions until it ends. */
const MAX_TOKENS = 1_000;

/**
 * Makes requireRequesterToken for one process, which verifies a token's signature once. That it ends
 * is asked each time; all else that it says cannot change, nor can what it was signed with.
 */
export function createTokenCheck(): typeof requireRequesterToken {
  const known = new Map<string, RequesterToken>();
  return async (jwt, rule) => {
    const name = `${rule.audience} ${rule.maxSeconds} ${jwt}`;
    const before = known.get(name);
    if (before !== undefined && before.expSeconds > Math.floor(rule.nowMs / 1000)) return before;
    known.delete(name);
    const token = await requireRequesterToken(jwt, rule);
    known.set(name, token);
    for (const oldest of known.keys()) {
      if (known.size <= MAX_TOKENS) break;
      known.delete(oldest);
    }
    return token;
  };
}

async function verified(form: SelfSignedForm, rule: TokenRule): Promise<SelfSigned> {
  try {
    return await verifySelfSigned(form, { ...rule, aheadSeconds: AHEAD_SECONDS, graceSeconds: 0 });
  } catch (cause) {
    const { claim } = cause as { readonly claim?: unknown };
    throw new DomainError('TOKEN_INVALID', typeof claim === 'string' ? { claim } : {}, cause);
  }
}

function formOf(jwt: string): SelfSignedForm {
  try {
    return toSelfSignedForm(jwt);
  } catch (cause) {
    throw new DomainError('TOKEN_MALFORMED', {}, cause);
  }
}
