import type { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import { institutionField } from '../../zk/arithmetic/field.js';
import type { Purpose } from '../../zk/vocabulary.js';
import type { presentation } from '../tables/table-presentation.js';
import type { Holder } from './holder-key.js';
import type { GateParameters } from './parameters.js';

/** The statements that open rows at a gate. */
export type GateStatement = 'consent' | 'accreditation';

/**
 * What a stored presentation holds in addition to the public signals: the same for every proof of
 * it.
 */
export type PresentationPlaintext = Omit<
  typeof presentation.$inferSelect,
  'id' | 'statement' | 'nym' | 'handle' | 'root' | 'epoch' | 'keyHash' | 'asOf' | 'expires'
> & { readonly expiresAt: (asOf: Seconds) => Seconds };

/**
 * What one presentation asks for, parsed from its plaintext; it is the same for all of its proofs.
 */
export interface Asked {
  readonly statement: GateStatement;
  /** The holder whose key will sign the tokens. */
  readonly holder: Holder;
  /** The hash that a proof made at that time must carry, computed here from the plaintext alone. */
  readonly requestAt: (asOf: bigint) => bigint;
  /**
   * The purpose with which the rest of this plaintext has that hash; undefined if no purpose does.
   */
  readonly purposeOf: (request: bigint) => Purpose | undefined;
  /** When the presentation is to end; undefined for an accreditation, which states no end. */
  readonly expires: Seconds | undefined;
  /** What is stored of it in addition to the public signals. */
  readonly plaintext: (parameters: GateParameters, presentedAt: Seconds) => PresentationPlaintext;
}

/** What a node needs to read a request: its own name, and the studies it knows. */
export interface RequestReader {
  readonly institution: InstitutionId;
  /** The field of a study. @throws DomainError STUDY_UNKNOWN */
  readonly studyField: (study: StudyId) => Promise<bigint>;
}

/** Reads the plaintext of one kind of presentation. @throws DomainError: every proof of it is refused by that code. */
export type ReadRequest = (input: unknown, reader: RequestReader) => Promise<Asked>;

/** @returns the institution as a public signal has it: 0 if the request names none. @throws DomainError NOT_FOR_THIS_INSTITUTION */
export function institutionAsked(asked: string | null | undefined, self: InstitutionId): bigint {
  if (asked == null) return 0n;
  if (asked !== self) throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  return institutionField(self);
}

/** zod keeps DomainErrors of transforms as they are; its own findings become one BAD_INPUT {argument}. */
export function parseForm<Form extends z.ZodType>(form: Form, input: unknown): z.output<Form> {
  const parsed = form.safeParse(input);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new DomainError('BAD_INPUT', { argument: path });
}
