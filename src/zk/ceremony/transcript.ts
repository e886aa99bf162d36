import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';

/**
 * The transcript of a ceremony: what it is for, and each step with the hash of the key after it.
 *
 * Every step has a head, the hash of all before it and itself. A contributor publishes the head of
 * its step, and later asks of any transcript that it passes through that head: names and order
 * cannot be rewritten once one head is known elsewhere.
 */

const hash256 = z.string().regex(/^[0-9a-f]{64}$/);
const hash512 = z.string().regex(/^[0-9a-f]{128}$/);

/** Letters of any script, digits and a few marks: it is shown in terminals and stands in every later key. */
export const contributorName = z
  .string()
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} .&'-]{0,38}[\p{L}\p{N}.])?$/u);
export const circuitName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);

export const beaconParameters = z.strictObject({
  /** 32 to 64 bytes of public randomness, as hex: a block hash, a drand round. */
  value: z.string().regex(/^(?:[0-9a-f]{2}){32,64}$/),
  /** It is hashed 2^this times. More than 2^24 would let a forged transcript keep a reader busy for hours. */
  iterationsExponent: z.int().min(10).max(24),
});
export type BeaconParameters = z.infer<typeof beaconParameters>;

const madeKey = {
  /** SHA-256 of the key's file. */
  sha256: hash256,
  /** BLAKE2b-512 of the public part of what was multiplied in: what snarkjs prints as contribution hash. */
  contributionHash: hash512,
};
const contribution = z.strictObject({
  kind: z.literal('contribution'),
  name: contributorName,
  ...madeKey,
});
const beacon = z.strictObject({ kind: z.literal('beacon'), ...beaconParameters.shape, ...madeKey });
const step = z.discriminatedUnion('kind', [contribution, beacon]);
export type Step = z.infer<typeof step>;

const opening = z.strictObject({
  format: z.literal('assent-ceremony-1'),
  circuit: z.strictObject({ name: circuitName, r1csSha256: hash256 }),
  ptau: z.strictObject({ blake2b: hash512 }),
  /** Of the key before any contribution, which anybody makes again from circuit and powers of tau. */
  initialSha256: hash256,
});
export type Opening = z.infer<typeof opening>;

const headed = z.strictObject({ step, head: hash256 });
const wire = z.strictObject({ opening, head: hash256, steps: z.array(headed).max(1000) });
export type Transcript = z.infer<typeof wire>;

/** A ceremony before its first contribution. */
export function openTranscript(opened: Opening): Transcript {
  return { opening: opened, head: sha256Hex(canonicalJson(opened)), steps: [] };
}

/** The transcript with one more step. */
export function withStep(transcript: Transcript, added: Step): Transcript {
  const head = headAfter(lastHead(transcript), added);
  return { ...transcript, steps: [...transcript.steps, { step: added, head }] };
}

/** The head of all that the transcript says so far. */
export function lastHead({ head, steps }: Transcript): string {
  return steps.at(-1)?.head ?? head;
}

/** Whether the transcript, as it is or as it once was, ended with this head. */
export function passesThrough({ head, steps }: Transcript, expected: string): boolean {
  return head === expected || steps.some((one) => one.head === expected);
}

export function isBeaconApplied({ steps }: Transcript): boolean {
  return steps.at(-1)?.step.kind === 'beacon';
}

export function contributorsOf({ steps }: Transcript): readonly string[] {
  return steps.flatMap(({ step: one }) => (one.kind === 'contribution' ? [one.name] : []));
}

/**
 * Parses a transcript: its form, its heads, each name once, the beacon last if there is one.
 *
 * @throws CEREMONY_TRANSCRIPT_INVALID with the step that is wrong
 */
export function parseTranscript(value: unknown): Transcript {
  const parsed = wire.safeParse(value);
  if (!parsed.success) throw new DomainError('CEREMONY_TRANSCRIPT_INVALID');
  const { opening: opened, head, steps } = parsed.data;
  let again = openTranscript(opened);
  if (again.head !== head) throw new DomainError('CEREMONY_TRANSCRIPT_INVALID', { step: 0 });
  for (const [position, one] of steps.entries()) {
    const taken = one.step.kind === 'contribution' && contributorsOf(again).includes(one.step.name);
    const late = isBeaconApplied(again);
    again = withStep(again, one.step);
    if (taken || late || lastHead(again) !== one.head) {
      throw new DomainError('CEREMONY_TRANSCRIPT_INVALID', { step: position + 1 });
    }
  }
  return again;
}

function headAfter(head: string, added: Step): string {
  return sha256Hex(`${head}|${canonicalJson(added)}`);
}
