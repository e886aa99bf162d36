/** Order of secp256k1's group. */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function partsOf(signature: string) {
  const digits = signature.slice(2);
  const v = Number.parseInt(digits.slice(128), 16);
  return { r: digits.slice(0, 64), s: BigInt(`0x${digits.slice(64, 128)}`), v };
}

const hex = (value: bigint | number, digits: number) => value.toString(16).padStart(digits, '0');

/** What anybody can make of a genuine signature without its key, and most libraries take for it. */
export const TWINS: Readonly<Record<string, (signature: string) => string>> = {
  'high s': (signature) => {
    const { r, s, v } = partsOf(signature);
    return `0x${r}${hex(ORDER - s, 64)}${hex(55 - v, 2)}`;
  },
  'v 0 or 1': (signature) => {
    const { r, s, v } = partsOf(signature);
    return `0x${r}${hex(s, 64)}${hex(v - 27, 2)}`;
  },
  'high s and v 0 or 1': (signature) => {
    const { r, s, v } = partsOf(signature);
    return `0x${r}${hex(ORDER - s, 64)}${hex(28 - v, 2)}`;
  },
  'the 64 bytes of EIP-2098': (signature) => {
    const { r, s, v } = partsOf(signature);
    return `0x${r}${hex(s + (BigInt(v - 27) << 255n), 64)}`;
  },
  'a byte more': (signature) => `${signature}00`,
  'capital letters': (signature) => `0x${signature.slice(2).toUpperCase()}`,
};
