import { z } from 'zod';
import { type Bytes32, isBytes32 } from '../bytes32.js';
import { listOf } from '../list-of.js';
import { EVIDENCE_FORM, EVIDENCE_KINDS, type Evidence } from './evidence.js';

/** More than any log of SHA-256 leaves can need, so that no answer is parsed without end. */
const MAX_PATH = 64;
const MAX_PARTS = 100_000;
/** Characters of a field's name. */
const MAX_NAME = 100;
/** Slots of the register, from 0. */
const MAX_SLOT = 4_095;

const bytes32 = z.custom<Bytes32>(isBytes32, { error: 'is not 0x and 64 lower-case digits' });
const count = z.int().min(0);

/** The exact shape of what a digest commits to. */
export const digestPreimageShape = z.strictObject({
  chainId: z.int().min(1),
  contract: z.string().regex(/^0x[0-9a-f]{40}$/),
  slot: z.int().min(0).max(MAX_SLOT),
  round: count,
  feedHead: bytes32,
  disclosureHead: bytes32,
  evidenceHead: bytes32,
  pad: bytes32,
});

const proof = z.strictObject({
  form: z.literal(EVIDENCE_FORM),
  kind: z.enum(EVIDENCE_KINDS),
  parts: z.strictObject({
    count: z.int().min(1).max(MAX_PARTS),
    outline: z.record(z.string().max(MAX_NAME), count).nullable(),
    shown: listOf(
      z.strictObject({ at: count, name: z.string().max(MAX_NAME), salt: bytes32, hash: bytes32 }),
      MAX_PARTS,
    ),
    hidden: listOf(bytes32, MAX_PARTS),
  }),
  inclusion: z.strictObject({ index: count, size: count, path: listOf(bytes32, MAX_PATH) }),
  headSalt: bytes32,
  digest: digestPreimageShape,
});

const anchor = z.object({
  institution: z.object({ id: z.string().max(40) }).transform(({ id }) => id),
  slot: z.int().min(0).max(MAX_SLOT),
  epoch: count,
  chainId: z.int().min(1),
  contract: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  digest: bytes32,
});

/** Evidence as the API answers it, parsed strictly: it may be forged. */
export const EvidenceRow: z.ZodType<Evidence, unknown> = z.object({ leaf: bytes32, proof, anchor });

/** A node proves what it logged itself: under another's anchor, its answer is malformed. */
export function requireOwnAnchor(evidence: Evidence | null, institution: string): void {
  if (evidence !== null && evidence.anchor.institution !== institution) {
    throw new Error('evidence of another institution');
  }
}

/** What a query selects of `evidence` so that it can be checked. */
export const EVIDENCE_FIELDS =
  'leaf proof anchor { institution { id } slot epoch chainId contract digest }';
