import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { DomainError } from '../core/errors.js';
import { DPOP_HEADER, DPOP_TYPE, dpopHash } from '../core/signed/dpop.js';
import { NONCE_FORM } from '../core/signed/nonce.js';
import { SeenOnce } from '../core/signed/seen-once.js';
import { toSelfSignedForm, verifySignature } from '../core/signed/self-signed.js';

/** How far a proof's `iat` and this clock may be apart, seconds. */
const AGE_SECONDS = 60;

/** A request as it reached a gateway. */
export interface ReceivedRequest {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** The exact bytes; none for a request without a body. */
  readonly body: Uint8Array;
}

/** The token that a proof must belong to. */
export interface BoundToken {
  /** As it is in the Authorization header, its secret included. */
  readonly token: string;
  /** RFC 7638 thumbprint of the key that signed it. */
  readonly signer: string;
}

/** What a gateway needs to check proofs. */
export interface DpopRule {
  /** Where clients reach this gateway, without a slash at its end; undefined: by the Host header. */
  readonly publicUrl: string | undefined;
  /** The random nonce of this run of the gateway. */
  readonly nonce: string;
}

const Claims = z.object({
  jti: z.string().regex(NONCE_FORM),
  htm: z.string(),
  htu: z.url(),
  iat: z.int(),
  nonce: z.string().optional(),
  ath: z.string(),
  body: z.string(),
});

/**
 * Makes the check of DPoP proofs (RFC 9449, section 4.3) for one gateway.
 *
 * The attacker sees a whole request on its way, token and secret included: as a proxy that
 * terminates TLS, or a reader of its log. The proof is for this request alone, and is accepted
 * once.
 *
 * @returns a function that throws DomainError DPOP_REQUIRED without a proof; DPOP_INVALID {claim};
 * DPOP_NONCE_REQUIRED {nonce} for another run of this gateway; REPLAYED; RATE_LIMITED.
 */
export function createDpopCheck(
  rule: DpopRule,
): (request: ReceivedRequest, bound: BoundToken, nowMs: number) => Promise<void> {
  const seen = new SeenOnce();
  return async (request, { token, signer }, nowMs) => {
    const proof = request.headers[DPOP_HEADER];
    if (proof === undefined) throw new DomainError('DPOP_REQUIRED');
    const claims = await requireProof(proof, signer);
    // The query of a URL is not part of htu, so a proof would not cover it.
    if (request.method !== 'POST' || claims.htm !== 'POST') throw invalid('htm');
    if (!isAddressed(claims.htu, request, rule.publicUrl)) throw invalid('htu');
    if (claims.ath !== dpopHash(token)) throw invalid('ath');
    if (claims.body !== dpopHash(request.body)) throw invalid('body');
    if (claims.nonce !== rule.nonce) {
      throw new DomainError('DPOP_NONCE_REQUIRED', { nonce: rule.nonce });
    }
    if (Math.abs(nowMs / 1000 - claims.iat) > AGE_SECONDS) throw invalid('iat');
    // Last, so that nobody can use up the `jti` of a request that is still to come.
    seen.take(`${signer} ${claims.jti}`, (claims.iat + AGE_SECONDS + 1) * 1000, nowMs);
  };
}

/** The claims of a proof that this key signed. */
async function requireProof(
  proof: string | readonly string[],
  expectedSigner: string,
): Promise<z.infer<typeof Claims>> {
  try {
    // Two headers arrive as one, with a comma, which has no place in a JWS.
    const form = toSelfSignedForm(String(proof));
    const { signer, payload } = await verifySignature(form, { typ: DPOP_TYPE });
    if (signer !== expectedSigner) throw invalid('jwk');
    return Claims.parse(payload);
  } catch (cause) {
    if (cause instanceof DomainError && cause.code === 'DPOP_INVALID') throw cause;
    throw new DomainError('DPOP_INVALID', {}, cause);
  }
}

/** Whether the proof is for the URL that was asked, whichever scheme a proxy before us ends. */
function isAddressed(
  htu: string,
  { headers, path }: ReceivedRequest,
  publicUrl: string | undefined,
): boolean {
  const given = new URL(htu);
  const expected = publicUrl ?? `${given.protocol}//${headers.host}`;
  if (!/^https?:$/.test(given.protocol) || !URL.canParse(`${expected}${path}`)) return false;
  const { origin, pathname } = new URL(`${expected}${path}`);
  return given.origin === origin && given.pathname === pathname;
}

function invalid(claim: string): DomainError {
  return new DomainError('DPOP_INVALID', { claim });
}
