/**
 * How a gateway signs what it asks of a node: a compact JWS in this header, ES256, the gateway's
 * public key as `jwk` in the protected header.
 *
 * Without it a dishonest node could replay the requester's token at another node.
 */
export const GATEWAY_SIGNATURE_HEADER = 'assent-gateway-signature';

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
  readonly iat: number;
  readonly exp: number;
}
