import { createHash } from 'node:crypto';
import { DomainError } from '../../core/errors.js';
import { verifyingCurve } from '../arithmetic/curve.js';

/** What a proving key says of one contribution that was multiplied into it. */
export interface KeyContribution {
  /** Its bytes in the key: they stay the same in every later key. */
  readonly record: Uint8Array;
  readonly name: string;
  readonly kind: 'contribution' | 'beacon';
  /** Of a beacon: its value as hex, and the exponent of its iterations. */
  readonly value: string;
  readonly iterationsExponent: number;
  /** BLAKE2b-512 of its public part, as hex. */
  readonly contributionHash: string;
}

const CONTRIBUTIONS_SECTION = 10;
const CIRCUIT_HASH_BYTES = 64;
const G1_BYTES = 64;
const G2_BYTES = 128;
const TRANSCRIPT_BYTES = 64;
const PUBLIC_BYTES = 3 * G1_BYTES + G2_BYTES + TRANSCRIPT_BYTES;

/**
 * Reads the contributions that a zkey file lists, bounds checked: snarkjs reads them with nothing but names
 * that it prints, and a transcript has to be compared with them.
 *
 * @param limit - more contributions than this are refused before any is read.
 * @throws CEREMONY_KEY_INVALID for bytes that are no such file
 * @source snarkjs zkey_utils.js, writeMPCParams and hashPubKey
 */
export async function contributionsIn(
  key: Uint8Array,
  limit: number,
): Promise<readonly KeyContribution[]> {
  try {
    const found = readContributions(sectionOf(key, CONTRIBUTIONS_SECTION), limit);
    return await Promise.all(
      found.map(async (one) => ({ ...one, contributionHash: await hashOf(one.record) })),
    );
  } catch (cause) {
    throw new DomainError('CEREMONY_KEY_INVALID', {}, cause);
  }
}

/** A file is: magic, version, count of sections; each section: id, 64-bit length, bytes. */
function sectionOf(key: Uint8Array, wanted: number): Uint8Array {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  let found: Uint8Array | undefined;
  let at = 12;
  for (let left = view.getUint32(8, true); left > 0; left -= 1) {
    const length = Number(view.getBigUint64(at + 4, true));
    if (view.getUint32(at, true) === wanted) {
      if (found !== undefined) throw new RangeError('the section is there twice');
      found = key.subarray(at + 12, at + 12 + length);
    }
    at += 12 + length;
  }
  // Bytes after the last section would be covered by no check but the hash.
  if (found === undefined || at !== key.length) throw new RangeError('sections');
  return found;
}

function readContributions(section: Uint8Array, limit: number) {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const count = view.getUint32(CIRCUIT_HASH_BYTES, true);
  if (count > limit) throw new RangeError('more contributions than expected');
  const found: Omit<KeyContribution, 'contributionHash'>[] = [];
  let at = CIRCUIT_HASH_BYTES + 4;
  for (let i = 0; i < count; i += 1) {
    const type = view.getUint32(at + PUBLIC_BYTES, true);
    const length = view.getUint32(at + PUBLIC_BYTES + 4, true);
    const end = at + PUBLIC_BYTES + 8 + length;
    if (end > section.length || type > 1) throw new RangeError('contribution');
    const parameters = section.subarray(end - length, end);
    const kind = type === 1 ? ('beacon' as const) : ('contribution' as const);
    found.push({ record: section.subarray(at, end), kind, ...readParameters(parameters) });
    at = end;
  }
  if (at !== section.length) throw new RangeError('bytes after the last contribution');
  return found;
}

/** A list of: 1, length, name | 2, exponent | 3, length, beacon. */
function readParameters(bytes: Uint8Array) {
  let [name, value, iterationsExponent] = ['', '', 0];
  for (let at = 0; at < bytes.length; ) {
    const [tag, size = 0] = bytes.subarray(at, at + 2);
    const text = bytes.subarray(at + 2, at + 2 + size);
    if (tag === 1) name = new TextDecoder('utf-8', { fatal: true }).decode(text);
    else if (tag === 2) iterationsExponent = size;
    else if (tag === 3) value = Buffer.from(text).toString('hex');
    else throw new RangeError('parameter');
    at += tag === 2 ? 2 : 2 + size;
    if (at > bytes.length) throw new RangeError('parameter');
  }
  return { name, value, iterationsExponent };
}

async function hashOf(record: Uint8Array): Promise<string> {
  const { G1, G2 } = await verifyingCurve();
  // Copies: the conversion takes whole buffers.
  const ones = await G1.batchLEMtoU(record.slice(0, 3 * G1_BYTES));
  const two = await G2.batchLEMtoU(record.slice(3 * G1_BYTES, 3 * G1_BYTES + G2_BYTES));
  const transcript = record.subarray(PUBLIC_BYTES - TRANSCRIPT_BYTES, PUBLIC_BYTES);
  return createHash('blake2b512').update(ones).update(two).update(transcript).digest('hex');
}
