import { errors } from 'jose';
import { sha256OfParts } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { GATEWAY_SIGNATURE_SECONDS } from '../../core/signed/gateway-request.js';
import { NONCE_FORM } from '../../core/signed/nonce.js';
import type { SeenOnce } from '../../core/signed/seen-once.js';
import {
  type SelfSigned,
  toSelfSignedForm,
  verifySelfSigned,
} from '../../core/signed/self-signed.js';

/** How far the clocks of a gateway and a node may differ, seconds. */
const SKEW_SECONDS = 5;

/** A request as it reached this node. */
export interface SignedExchange {
  /** The compact JWS of GATEWAY_SIGNATURE_HEADER. */
  readonly signature: string;
  /** The exact bytes of the body. */
  readonly body: Uint8Array;
  /** The requester's token that came along; undefined without one. */
  readonly token: string | undefined;
  /** This node's institution. */
  readonly institution: InstitutionId;
  /** The random nonce of this run of the node. */
  readonly nonce: string;
  readonly nowMs: number;
}

/**
 * Requires that a gateway signed this body, with this token, for this institution, just now, once.
 *
 * Request ids are remembered only in memory. So a request must carry the nonce of this run of the
 * node: a request that an earlier run answered does not, however far the clocks differ.
 *
 * The attacker is another node that was asked: it holds the token, and without this could ask
 * here in the requester's name. Its own signature does not help it, because the token names the
 * gateway that it was made for.
 *
 * @returns the gateway's thumbprint: the audience that the token must have.
 * @throws DomainError GATEWAY_SIGNATURE_INVALID; of a signature that verifies, FORWARDED for another
 * institution, GATEWAY_NONCE_REQUIRED {nonce} for another run and BODY_CHANGED over another body;
 * REPLAYED; RATE_LIMITED.
 */
export async function requireGatewaySignature(
  exchange: SignedExchange,
  seen: SeenOnce,
): Promise<string> {
  const { signer, payload } = await verify(exchange);
  const { body, token, jti, exp, nonce } = payload;
  if (nonce !== exchange.nonce) {
    throw new DomainError('GATEWAY_NONCE_REQUIRED', { nonce: exchange.nonce });
  }
  if (body !== hashOf(exchange.body)) throw new DomainError('BODY_CHANGED');
  if (token !== (exchange.token === undefined ? '' : hashOf(exchange.token))) {
    throw invalid('token');
  }
  if (typeof jti !== 'string' || !NONCE_FORM.test(jti)) throw invalid('jti');
  // Last, so that nobody can use up the id of a request that is still to come.
  seen.take(`${signer} ${jti}`, (exp + SKEW_SECONDS) * 1000, exchange.nowMs);
  return signer;
}

async function verify({ signature, institution, nowMs }: SignedExchange): Promise<SelfSigned> {
  try {
    return await verifySelfSigned(toSelfSignedForm(signature), {
      audience: institution,
      nowMs,
      maxSeconds: GATEWAY_SIGNATURE_SECONDS,
      aheadSeconds: SKEW_SECONDS,
      graceSeconds: SKEW_SECONDS,
    });
  } catch (cause) {
    const code = isForAnother(cause) ? 'FORWARDED' : 'GATEWAY_SIGNATURE_INVALID';
    throw new DomainError(code, {}, cause);
  }
}

/** Claims are checked after the signature, because unsigned claims prove nothing. */
function isForAnother(cause: unknown): boolean {
  if (!(cause instanceof errors.JWTClaimValidationFailed)) return false;
  return cause.claim === 'aud' && cause.reason === 'check_failed';
}

function hashOf(content: string | Uint8Array): string {
  return sha256OfParts(content).toString('base64url');
}

function invalid(claim: string): DomainError {
  return new DomainError('GATEWAY_SIGNATURE_INVALID', { claim });
}
