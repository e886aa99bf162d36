import { randomBytes } from 'node:crypto';
import { and, eq, gt, isNull, or } from 'drizzle-orm';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { type Pseudonym, type StudyId, toPseudonym } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { type EddsaPublicKey, type EddsaSignature, requireEddsa } from '../../zk/eddsa.js';
import { institutionField } from '../../zk/field.js';
import { linkMessage, pseudonymOf } from '../../zk/leaf.js';
import type { RegisterContext } from './context.js';
import { requireStudy } from './study.js';
import { linkCode, researchSubject } from './table-study.js';

const CODE_BYTES = 16;
const CODE_FORM = /^[A-Za-z0-9_-]{22}$/;

/** What a wallet sends to be linked with the patient in whose session the code was shown. */
export interface LinkRequest {
  readonly study: StudyId;
  readonly publicKey: EddsaPublicKey;
  readonly code: string;
  /** By the study key over linkMessage(this institution, code). */
  readonly signature: EddsaSignature;
}

/**
 * Makes the one-time code that is shown in a patient's own session at this institution.
 *
 * @param options.ttlSeconds - how long it may be used.
 * @returns 22 characters, 128 random bits; this node keeps only their SHA-256.
 */
export async function issueLinkCode(
  { db, clock }: RegisterContext,
  options: { readonly patientId: string; readonly study: StudyId; readonly ttlSeconds: Seconds },
): Promise<string> {
  const { patientId, study, ttlSeconds } = options;
  const code = randomBytes(CODE_BYTES).toString('base64url');
  const expiresAt = clock.nowSeconds() + ttlSeconds;
  await db.transaction(async (tx) => {
    await requireStudy(tx, study);
    await tx.insert(linkCode).values({ codeHash: sha256Hex(code), patientId, study, expiresAt });
  });
  return code;
}

/**
 * Links the pseudonym of a study key with the patient to whom the code was shown. The signature
 * names institution and code, so a code overheard is worth nothing without being first, and a
 * signature for one institution nothing at another.
 *
 * @throws DomainError SIGNATURE_INVALID, STUDY_UNKNOWN, LINK_CODE_INVALID, PSEUDONYM_TAKEN
 */
export async function linkPatient(
  context: RegisterContext,
  request: LinkRequest,
): Promise<{ readonly study: StudyId; readonly pseudonym: Pseudonym }> {
  const { study, publicKey, code, signature } = request;
  if (!CODE_FORM.test(code)) throw new DomainError('LINK_CODE_INVALID');
  requireEddsa(publicKey, linkMessage(institutionField(context.institution), code), signature);
  const pseudonym = toPseudonym(String(pseudonymOf(publicKey)));
  const now = context.clock.nowSeconds();
  await context.db.transaction(async (tx) => {
    await requireStudy(tx, study);
    // A throw below rolls this back: a code is used up only by the link that it made.
    const patientId = await useCode(tx, { study, code, now });
    await addSubject(tx, { study, pseudonym, patientId, now });
  });
  return { study, pseudonym };
}

/** One statement finds and spends the code, so that two callers cannot both use it. */
async function useCode(
  tx: SqlTransaction,
  { study, code, now }: { study: StudyId; code: string; now: Seconds },
): Promise<string> {
  const usable = and(
    eq(linkCode.codeHash, sha256Hex(code)),
    eq(linkCode.study, study),
    isNull(linkCode.usedAt),
    gt(linkCode.expiresAt, now),
  );
  const [spent] = await tx.update(linkCode).set({ usedAt: now }).where(usable).returning();
  if (spent === undefined) throw new DomainError('LINK_CODE_INVALID');
  return spent.patientId;
}

async function addSubject(
  tx: SqlTransaction,
  subject: { study: StudyId; pseudonym: Pseudonym; patientId: string; now: Seconds },
): Promise<void> {
  const { study, pseudonym, patientId, now } = subject;
  await tx
    .insert(researchSubject)
    .values({ study, pseudonym, patientId, linkedAt: now })
    .onConflictDoNothing();
  const either = or(
    eq(researchSubject.pseudonym, pseudonym),
    eq(researchSubject.patientId, patientId),
  );
  const rows = await tx
    .select()
    .from(researchSubject)
    .where(and(eq(researchSubject.study, study), either));
  const same = rows.every((row) => row.pseudonym === pseudonym && row.patientId === patientId);
  // None at all would be a row of another transaction that this one cannot see.
  if (!same || rows.length === 0) throw new DomainError('PSEUDONYM_TAKEN');
}
