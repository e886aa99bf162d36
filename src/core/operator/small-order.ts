const P = 2n ** 255n - 19n;
const Y_OF_ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y coordinates of the points of order 1, 2, 4 and 8, and the two that stand for one of these but are not below p. */
const SMALL: ReadonlySet<bigint> = new Set([
  ...[0n, 1n, P - 1n, P, P + 1n],
  ...[Y_OF_ORDER_8, P - Y_OF_ORDER_8],
]);

/**
 * Whether an Ed25519 public key is a point of small order, under which anybody can sign. All zeros is one: what
 * a template has in the place of a key.
 *
 * @param x - the `x` of its JWK (RFC 8037): 32 bytes, base64url.
 * @source RFC 8032, section 5.1.3 (encoding); the orders are those of edwards25519, whose cofactor is 8
 */
export function isSmallOrder(x: string): boolean {
  const bytes = Buffer.from(x, 'base64url').reverse();
  const encoded = BigInt(`0x${bytes.toString('hex')}`);
  return SMALL.has(encoded & (2n ** 255n - 1n));
}
