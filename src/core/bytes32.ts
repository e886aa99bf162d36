import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/** 32 bytes as 0x and 64 lower-case hexadecimal digits. */
export type Bytes32 = `0x${string}`;

/** The head of an empty chain or log. */
export const ZERO_HEAD: Bytes32 = `0x${'0'.repeat(64)}`;

const BYTES32 = /^0x[0-9a-f]{64}$/;

/** Whether a value from a wire is 0x and 64 lower-case digits. */
export function isBytes32(value: unknown): value is Bytes32 {
  return typeof value === 'string' && BYTES32.test(value);
}

export function toBytes32(bytes: Uint8Array): Bytes32 {
  return `0x${bytesToHex(bytes)}`;
}

export function fromBytes32(value: Bytes32): Uint8Array {
  return hexToBytes(value.slice(2));
}
