/**
 * How a gateway signs what it asks of a node: a compact JWS in this header, ES256, the gateway's
 * public key as `jwk` in the protected header.
 *
 * Without it a dishonest node could replay the requester's token at another node.
 */
export const GATEWAY_SIGNATURE_HEADER = 'assent-gateway-signature';

/**
 * The header by which a node says the nonce of its run, with a refusal GATEWAY_NONCE_REQUIRED. It is
 * to gateways what `DPoP-Nonce` is to clients (RFC 9449, section 8).
 */
export const NODE_NONCE_HEADER = 'assent-nonce';

/** Longest life of a gateway's signature, seconds. */
export const GATEWAY_SIGNATURE_SECONDS = 30;

/** The claims of that JWS; `iat` and `exp` are Unix seconds as RFC 7519 has them. */
export interface GatewayRequestClaims {
  /** The institution asked; another one refuses. */
  readonly aud: string;
  /** SHA-256 of the exact request body, base64url. */
  readonly body: string;
  /** SHA-256 of the requester's token, base64url; empty if it sent none. */
  readonly token: string;
  /** Random; a node refuses one it has seen. */
  readonly jti: string;
  /**
   * What the node drew when its process began; empty as long as the gateway has not heard it. Names
   * of requests are kept in memory, so a request of an earlier run must not pass in a later one.
   */
  readonly nonce: string;
  readonly iat: number;
  readonly exp: number;
}
