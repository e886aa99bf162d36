import { concat, type Hex, hexToBytes, keccak256, type PublicClient, toHex } from 'viem';
import { hashOfCode } from './code-hash.js';

const PUSH1 = 0x60;
const PUSH20 = 0x73;
const PUSH32 = 0x7f;
const ADDRESS_BYTES = 20;

/**
 * The addresses in a contract's code: the libraries that it is linked to, and masks of the same
 * length. Reads one PUSH instruction after another, so that data of a longer PUSH is not mistaken
 * for an address. In the order of first occurrence.
 */
export function addressesIn(code: Hex): readonly Hex[] {
  const bytes = hexToBytes(code);
  const found = new Set<Hex>();
  for (let at = 0; at < bytes.length; at += 1) {
    const operation = bytes[at] ?? 0;
    if (operation < PUSH1 || operation > PUSH32) continue;
    if (operation === PUSH20 && at + ADDRESS_BYTES < bytes.length) {
      found.add(toHex(bytes.subarray(at + 1, at + 1 + ADDRESS_BYTES)));
    }
    at += operation - PUSH1 + 1;
  }
  return [...found].filter((address) => !/^0xf{40}$/.test(address));
}

/**
 * Hashes the code at all addresses in a contract's code. The register is linked to Poseidon
 * libraries: an attacker who could replace their code would decide every root.
 *
 * @returns keccak256 over the keccak256 of each code, in the order of `addressesIn`; an address without code counts
 * as an empty one.
 */
export async function linkedCodeHashOf(
  client: Pick<PublicClient, 'getCode'>,
  code: Hex,
): Promise<Hex> {
  const codes = addressesIn(code).map((address) => client.getCode({ address }));
  const hashes = (await Promise.all(codes)).map((linked) => hashOfCode(linked ?? '0x'));
  return keccak256(concat(hashes));
}
