import type { Clock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { refuseOperatorToken } from '../../core/operator/token.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../core/signed/gateway-request.js';
import { newNonce } from '../../core/signed/nonce.js';
import { SeenOnce } from '../../core/signed/seen-once.js';
import { requireGatewaySignature } from './gateway-signature.js';
import type { Holder } from './holder-key.js';
import { createHolderCheck } from './token.js';

/** A request as it reached a node: names of headers in lower case, the body byte for byte. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface AuthenticatorOptions {
  readonly institution: InstitutionId;
  readonly clock: Clock;
  /** Longest life of a requester's token: 600; the pilot's live 12 h. */
  readonly maxTokenSeconds: number;
  /** Names this run of the node; random unless a test chooses it. */
  readonly nonce?: string;
}

/** Who asks, as far as it was verified. */
export interface Caller {
  /**
   * The holder whose key signed the token; undefined without a token, which sees only public data.
   */
  readonly holder: Holder | undefined;
  /** Thumbprint of the gateway that signed the request; undefined where a node is asked directly. */
  readonly gateway?: string | undefined;
}

/** Finds out who makes a request. */
export type Authenticate = (request: NodeRequest) => Promise<Caller>;

/**
 * Only a JWT. Its secret is for the gateway: a node that is sent the secret refuses the request.
 */
const BEARER = /^Bearer +([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2})$/i;

/**
 * Makes the authentication of one node. It keeps the names of gateway requests it has seen and draws
 * the nonce of its run, so a node has exactly one.
 *
 * @returns a function that throws DomainError TOKEN_MALFORMED, TOKEN_INVALID, OPERATOR_TOKEN_MISPLACED,
 * GATEWAY_SIGNATURE_INVALID, FORWARDED, GATEWAY_NONCE_REQUIRED, BODY_CHANGED, REPLAYED or
 * RATE_LIMITED.
 */
export function createAuthenticate(options: AuthenticatorOptions): Authenticate {
  const { institution, clock, maxTokenSeconds } = options;
  const seen = new SeenOnce();
  const requireToken = createHolderCheck();
  const { nonce = newNonce() } = options;
  return async ({ headers, body }) => {
    const token = bearerToken(headers.authorization);
    const signature = headers[GATEWAY_SIGNATURE_HEADER];
    const nowMs = clock.nowMs();
    // A caller without a token may ask directly: there is no identity that a replay could abuse.
    if (token === undefined && signature === undefined) return { holder: undefined };
    if (typeof signature !== 'string') throw new DomainError('GATEWAY_SIGNATURE_INVALID');
    const exchange = { signature, body, token, institution, nonce, nowMs };
    const gateway = await requireGatewaySignature(exchange, seen);
    if (token === undefined) return { holder: undefined, gateway };
    const asked = { audience: gateway, nowMs, maxSeconds: maxTokenSeconds };
    return { holder: await requireToken(token, asked), gateway };
  };
}

function bearerToken(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  // An operator's token is refused here: operators cannot open what a proof opens.
  if (typeof header === 'string') refuseOperatorToken(header.replace(/^\S+ +/, ''));
  const token = typeof header === 'string' ? BEARER.exec(header)?.[1] : undefined;
  if (token === undefined) throw new DomainError('TOKEN_MALFORMED');
  return token;
}
