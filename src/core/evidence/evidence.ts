import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { type Bytes32, fromBytes32, toBytes32 } from '../bytes32.js';
import { canonicalJson } from '../canonical-json.js';
import { sha256 } from '../sha256.js';
import { leafHash, treeHash } from './merkle-tree.js';

/**
 * What an institution's logs hold: what it released, what it took in and shows to others, and what its own
 * operators did.
 */
export const EVIDENCE_KINDS = [
  'DISCLOSURE',
  'TRIAL',
  'SUPPLY_EVENT',
  'CLAIM',
  'OPERATOR_USE',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** The logs of an institution; each has a head in every digest that it anchors. */
export const EVIDENCE_LOGS = ['DISCLOSURES', 'RECORDS'] as const;
export type EvidenceLog = (typeof EVIDENCE_LOGS)[number];

/** Which log a kind of entry stands in. */
export function logOf(kind: EvidenceKind): EvidenceLog {
  return kind === 'DISCLOSURE' ? 'DISCLOSURES' : 'RECORDS';
}

/**
 * What can be shown of an entry on its own: a field of the record by its name, or one item of a
 * list by the list's name and `[]`, so that one item can be shown without the others.
 */
export interface EvidencePart {
  readonly name: string;
  /** A JSON value, as the API writes it. */
  readonly value: unknown;
}

/** The name of the one part of a record that is only ever shown whole: a fifth of the hashing. */
export const WHOLE_RECORD = '';

/**
 * The name of the first part of every other record: its outline. Without it, a field that is not
 * shown could not be told from one that is not there.
 */
export const OUTLINE = '#';

/** How many parts each field of a record has: 1, or for a list shown by items their number, also 0. */
export type Outline = Readonly<Record<string, number>>;

/** A part that may be checked. A verifier without the value still needs its hash. */
export interface ShownPart {
  /** Its place among the entry's parts. */
  readonly at: number;
  readonly name: string;
  readonly salt: Bytes32;
  readonly hash: Bytes32;
}

/** Which anchor a digest is made for: it opens no other, of this institution or of another. */
export interface AnchorName {
  /** At least 1. */
  readonly chainId: number;
  /** The register's contract: 0x and 40 lower-case hexadecimal digits. */
  readonly contract: string;
  /** The institution's place on the ledger, 0 to 4,095. */
  readonly slot: number;
  /** The slot's anchors before this one, as the ledger counts them: from 0. */
  readonly round: number;
}

/** What an institution commits to with each anchor. */
export interface DigestPreimage extends AnchorName {
  readonly feedHead: Bytes32;
  readonly disclosureHead: Bytes32;
  readonly evidenceHead: Bytes32;
  readonly pad: Bytes32;
}

/** Which member of a digest holds a log's head. */
export const HEAD_IN_DIGEST = {
  DISCLOSURES: 'disclosureHead',
  RECORDS: 'evidenceHead',
} as const satisfies Record<EvidenceLog, keyof DigestPreimage>;

/** The form of EvidenceProof, so that a later form is not taken for this one. */
export const EVIDENCE_FORM = 'assent/evidence/2';

/** From a record to a digest, without a secret: what a stranger needs in addition to the record. */
export interface EvidenceProof {
  readonly form: typeof EVIDENCE_FORM;
  readonly kind: EvidenceKind;
  /** `hidden` are hashes of full runs of parts that are not shown, from left to right. */
  readonly parts: {
    readonly count: number;
    /** The value of the part OUTLINE, which is always shown; null for a record that is one part. */
    readonly outline: Outline | null;
    readonly shown: readonly ShownPart[];
    readonly hidden: readonly Bytes32[];
  };
  /** The leaf's place in the log of `size` entries, and the path from there to its root. */
  readonly inclusion: {
    readonly index: number;
    readonly size: number;
    readonly path: readonly Bytes32[];
  };
  /** What hides size and root in the log's head. */
  readonly headSalt: Bytes32;
  readonly digest: DigestPreimage;
}

/** The anchor that a proof ends at. */
export interface EvidenceAnchor {
  readonly institution: string;
  /** Its place on the ledger. */
  readonly slot: number;
  readonly epoch: number;
  readonly chainId: number;
  /** The register's contract, 0x and 40 digits. */
  readonly contract: string;
  readonly digest: Bytes32;
}

/** That a record stands in its institution's log, under a digest that the ledger holds. */
export interface Evidence {
  readonly leaf: Bytes32;
  readonly proof: EvidenceProof;
  readonly anchor: EvidenceAnchor;
}

// One encoder for all: a thousand entries of an import are twenty thousand texts.
const encoder = new TextEncoder();
const utf8ToBytes = (text: string): Uint8Array => encoder.encode(text);

const ANCHOR_FIELDS = ['chainId', 'contract', 'slot', 'round'] as const;

const DIGEST_TAG = utf8ToBytes('assent/digest');
// Short, so that a salt is one block of SHA-256 and not two.
const SALT_TAG = utf8ToBytes('assent/part');
const ENTRY_TAG = 'assent/evidence-entry';
const HEAD_TAG = 'assent/log-head';

/**
 * The parts of a record in the one order that they are hashed in: its outline, then its fields by
 * name, items by their bytes and each once. The order of such a list is not logged.
 *
 * @param lists - fields of which each item is a part of its own; other lists are one part.
 */
export function partsOf(
  record: Readonly<Record<string, unknown>>,
  lists: readonly string[] = [],
): EvidencePart[] {
  const outline: Record<string, number> = {};
  const parts = Object.keys(record)
    .sort()
    .flatMap((name) => {
      const value = record[name];
      const ofField =
        lists.includes(name) && Array.isArray(value) ? itemsOf(name, value) : undefined;
      outline[name] = ofField?.length ?? 1;
      return ofField ?? [{ name, value }];
    });
  return [{ name: OUTLINE, value: outline }, ...parts];
}

function itemsOf(name: string, list: readonly unknown[]): EvidencePart[] {
  const items = [...new Map(list.map((item) => [canonicalJson(item), item]))].sort(byText);
  return items.map(([, value]) => ({ name: `${name}[]`, value }));
}

/** The outline among parts; null for a record that is one part. */
export function outlineOf([first]: readonly EvidencePart[]): Outline | null {
  return first?.name === OUTLINE ? (first.value as Outline) : null;
}

/**
 * The salts of an entry's parts from its own, so that a part can be opened without the others:
 * SHA-256(tag, entry's salt, place as 4 bytes big-endian).
 */
export function saltsOfParts(entrySalt: Bytes32, count: number): Uint8Array[] {
  const seed = concatBytes(SALT_TAG, fromBytes32(entrySalt), new Uint8Array(4));
  const place = new DataView(seed.buffer, seed.length - 4);
  return Array.from({ length: count }, (_, at) => {
    place.setUint32(0, at);
    return sha256(seed);
  });
}

/** SHA-256(0x00, salt, name and value): erased with its salt, a part cannot be guessed. */
export function hashOfPart(salt: Uint8Array, { name, value }: EvidencePart): Uint8Array {
  return leafHash(concatBytes(salt, utf8ToBytes(canonicalJson([name, value]))));
}

/** The log's leaf: what stays of an entry whose salt and content are erased. */
export function leafOfParts(
  kind: EvidenceKind,
  { count, root }: { readonly count: number; readonly root: Uint8Array },
): Bytes32 {
  const entry = { tag: ENTRY_TAG, kind, parts: count, root: toBytes32(root) };
  return toBytes32(leafHash(utf8ToBytes(canonicalJson(entry))));
}

/** The leaf of an entry under its salt. */
export function leafOf(
  kind: EvidenceKind,
  parts: readonly EvidencePart[],
  entrySalt: Bytes32,
): Bytes32 {
  const salts = saltsOfParts(entrySalt, parts.length);
  const hashes = salts.flatMap((salt, at) => {
    const part = parts[at];
    return part === undefined ? [] : [hashOfPart(salt, part)];
  });
  return leafOfParts(kind, { count: parts.length, root: treeHash(hashes) });
}

/** A log's head as a digest holds it: under a fresh salt, so that it shows no size and no change. */
export function headOf(
  log: EvidenceLog,
  { size, root, salt }: { readonly size: number; readonly root: Bytes32; readonly salt: Bytes32 },
): Bytes32 {
  return toBytes32(sha256(utf8ToBytes(canonicalJson({ tag: HEAD_TAG, log, size, root, salt }))));
}

/**
 * SHA-256(tag, chain as 8 bytes, contract as 20, slot as 4, round as 8, feed head, disclosure head,
 * evidence head, pad), numbers big-endian: all that the ledger sees of them.
 */
export function digestOf(preimage: DigestPreimage): Bytes32 {
  const { chainId, contract, slot, round } = preimage;
  const { feedHead, disclosureHead, evidenceHead, pad } = preimage;
  const numbers = new Uint8Array(12);
  const view = new DataView(numbers.buffer);
  view.setUint32(0, slot);
  view.setBigUint64(4, BigInt(round));
  const chain = new Uint8Array(8);
  new DataView(chain.buffer).setBigUint64(0, BigInt(chainId));
  const heads = [feedHead, disclosureHead, evidenceHead, pad].map(fromBytes32);
  const address = hexToBytes(contract.slice(2));
  return toBytes32(sha256(concatBytes(DIGEST_TAG, chain, address, numbers, ...heads)));
}

/**
 * The first thing that a digest's preimage says of its anchor and that is not so; undefined if it is
 * made for this anchor. A contract's address is compared in any case of letters.
 */
export function mismatchOf(preimage: AnchorName, anchor: AnchorName): keyof AnchorName | undefined {
  const { chainId, contract, slot, round } = anchor;
  const expected = { chainId, contract: contract.toLowerCase(), slot, round };
  return ANCHOR_FIELDS.find((field) => preimage[field] !== expected[field]);
}

function byText([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
