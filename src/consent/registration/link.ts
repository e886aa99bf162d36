import { randomBytes } from 'node:crypto';
import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import { type Pseudonym, type StudyId, toPseudonym } from '../../core/ids.js';
import { linkCodeId } from '../../core/signed/link-code.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import { institutionField } from '../../zk/arithmetic/field.js';
import { type EddsaPublicKey, type EddsaSignature, requireEddsa } from '../../zk/eddsa.js';
import { linkMessage, pseudonymOf } from '../../zk/leaf.js';
import type { PatientProxy } from '../base/proxy.js';
import { linkCode } from '../tables/table-study.js';
import { forgetEndedCodes, type LinkContext, linkCodeOf } from './shown-code.js';
import { requireStudy } from './study.js';
import { requireLinkable } from './subject.js';

const SALT_BYTES = 16;
/** Wrong signatures that one code takes: a wallet makes none. */
const MAX_WRONG_SIGNATURES = 32;

/** What a wallet sends to be linked with the patient in whose session the code was shown. */
export interface LinkRequest {
  readonly study: StudyId;
  readonly publicKey: EddsaPublicKey;
  /** linkCodeId of the code. */
  readonly codeId: string;
  /** By the study key over linkMessage(this institution, code). */
  readonly signature: EddsaSignature;
}

/**
 * Makes the one-time code that is shown at this institution in a patient's own session, or in that of
 * a proxy, which the code then remembers.
 *
 * @param options.ttlSeconds - how long it may be answered.
 * @param options.proxy - as requireProxy says; absent or null: the patient's own session.
 * @returns 22 characters. The database holds neither it nor what it could be computed from.
 * @throws DomainError STUDY_UNKNOWN
 */
export async function issueLinkCode(
  context: LinkContext,
  options: {
    readonly patientId: string;
    readonly study: StudyId;
    readonly ttlSeconds: Seconds;
    readonly proxy?: PatientProxy | null;
  },
): Promise<string> {
  const { patientId, study, ttlSeconds, proxy } = options;
  const salt = randomBytes(SALT_BYTES).toString('base64url');
  const code = linkCodeOf(context, salt);
  const { db, clock } = context;
  const now = clock.nowSeconds();
  await db.transaction(async (tx) => {
    await requireStudy(tx, study);
    await forgetEndedCodes(tx, now);
    const held = { proxy: proxy?.relationship ?? null, proxyUntil: proxy?.until ?? null };
    const shown = { codeId: linkCodeId(code), salt, patientId, study, ...held };
    await tx.insert(linkCode).values({ ...shown, expiresAt: now + ttlSeconds });
  });
  return code;
}

/** A pseudonym that has answered a code. */
export interface LinkedPseudonym {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  /** What its consents may not outlast; null unless a proxy with a date answered. */
  readonly proxyUntil: Seconds | null;
  /** Whether the patient has confirmed the key: nothing is registered under it before. */
  readonly confirmed: boolean;
}

/**
 * Takes the answer to a code: from now on the code is this key's and no other's, and waits for the
 * patient to confirm it (link-confirm.ts). The same answer again is answered again.
 *
 * The attackers: a carrier of the answer sees only the code's id, and cannot sign with it; an
 * answer for one institution is not valid at another; a wrong signature does not use up the code.
 *
 * @throws DomainError LINK_CODE_INVALID, SIGNATURE_INVALID, and what requireLinkable throws.
 */
export async function linkPatient(
  context: LinkContext,
  request: LinkRequest,
): Promise<LinkedPseudonym> {
  const { db, clock } = context;
  const now = clock.nowSeconds();
  const shown = await db.transaction((tx) => readShown(tx, request, now), 'read');
  await requireSigned(context, request, shown.salt);
  const { study, publicKey } = request;
  const pseudonym = toPseudonym(String(pseudonymOf(publicKey)));
  return db.transaction(async (tx) => {
    // A throw below rolls this back: a code is used up only by an answer that could be confirmed.
    const answered = await answerCode(tx, request, pseudonym, now);
    const { patientId, proxyUntil, confirmedAt } = answered;
    const proxy = answered.proxy && { relationship: answered.proxy, until: proxyUntil };
    await requireLinkable(tx, { study, pseudonym, patientId, proxy }, now);
    return { study, pseudonym, proxyUntil, confirmed: confirmedAt !== null };
  });
}

function usable({ codeId, study }: LinkRequest, now: Seconds) {
  return and(
    eq(linkCode.codeId, codeId),
    eq(linkCode.study, study),
    gt(linkCode.expiresAt, now),
    lt(linkCode.wrongSignatures, MAX_WRONG_SIGNATURES),
  );
}

async function readShown(tx: SqlTransaction, request: LinkRequest, now: Seconds) {
  const [shown] = await tx.select().from(linkCode).where(usable(request, now));
  if (shown === undefined) throw new DomainError('LINK_CODE_INVALID');
  return shown;
}

async function requireSigned(
  context: LinkContext,
  { codeId, publicKey, signature }: LinkRequest,
  salt: string,
): Promise<void> {
  const { db, institution } = context;
  const message = linkMessage(institutionField(institution), linkCodeOf(context, salt));
  try {
    requireEddsa(publicKey, message, signature);
  } catch (thrown) {
    const wrongSignatures = sql`${linkCode.wrongSignatures} + 1`;
    await db.transaction(async (tx) => {
      await tx.update(linkCode).set({ wrongSignatures }).where(eq(linkCode.codeId, codeId));
    });
    throw thrown;
  }
}

/** One statement finds the code and gives it to the key, so that two keys cannot both have it. */
async function answerCode(
  tx: SqlTransaction,
  request: LinkRequest,
  pseudonym: Pseudonym,
  now: Seconds,
): Promise<typeof linkCode.$inferSelect> {
  const { ax, ay } = request.publicKey;
  const free = or(isNull(linkCode.pseudonym), eq(linkCode.pseudonym, pseudonym));
  const answeredAt = sql`coalesce(${linkCode.answeredAt}, ${now})`;
  const [answered] = await tx
    .update(linkCode)
    .set({ pseudonym, keyX: String(ax), keyY: String(ay), answeredAt })
    .where(and(usable(request, now), free))
    .returning();
  if (answered === undefined) throw new DomainError('LINK_CODE_INVALID');
  return answered;
}
