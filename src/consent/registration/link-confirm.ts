import { and, eq, gt, isNull, ne, sql } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { StudyId } from '../../core/ids.js';
import { linkWords } from '../../core/signed/link-code.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { ProxyRelationship } from '../base/proxy.js';
import { linkCode } from '../tables/table-study.js';
import { type LinkContext, linkCodeOf, PENDING_SECONDS } from './shown-code.js';
import { addSubject } from './subject.js';

/** The session in which a code was shown, and in which alone its key is confirmed. */
export interface LinkSession {
  readonly patientId: string;
  readonly study: StudyId;
  /** Null: the patient's own. */
  readonly proxy: ProxyRelationship | null;
}

/** A key that answered a code of this session and was not confirmed. */
type PendingLink = typeof linkCode.$inferSelect & { readonly words: string };

/**
 * The words of each key that answered a code of this session and waits to be confirmed. More than one,
 * or others than the wallet shows: somebody else has answered.
 */
export async function pendingWords(
  context: LinkContext,
  session: LinkSession,
): Promise<readonly string[]> {
  const now = context.clock.nowSeconds();
  const pending = await context.db.transaction(
    (tx) => pendingOf(tx, context, session, now),
    'read',
  );
  return pending.map(({ words }) => words);
}

/**
 * Links the key whose words the patient has read on the wallet. Other keys that wait in this session
 * are refused by it.
 *
 * @param words - as linkWords gives them, in any case and spacing.
 * @throws DomainError LINK_WORDS_UNKNOWN, and what addSubject throws; nothing is linked then.
 */
export async function confirmLink(
  context: LinkContext,
  session: LinkSession,
  words: string,
): Promise<void> {
  const now = context.clock.nowSeconds();
  const read = words.trim().toLowerCase().split(/\s+/).join(' ');
  await context.db.transaction(async (tx) => {
    const pending = await pendingOf(tx, context, session, now);
    const confirmed = pending.find((link) => link.words === read);
    if (confirmed?.pseudonym == null) throw new DomainError('LINK_WORDS_UNKNOWN');
    const { patientId, study, pseudonym, codeId, proxyUntil } = confirmed;
    const proxy = confirmed.proxy && { relationship: confirmed.proxy, until: proxyUntil };
    await addSubject(tx, { study, pseudonym, patientId, proxy }, now);
    const own = eq(linkCode.codeId, codeId);
    await tx.update(linkCode).set({ confirmedAt: now }).where(own);
    await tx.delete(linkCode).where(and(waiting(session, now), ne(linkCode.codeId, codeId)));
  });
}

/**
 * Refuses every key that waits in this session: their codes are spent, and nothing was registered
 * under them.
 *
 * @returns how many there were.
 */
export async function refuseLinks(context: LinkContext, session: LinkSession): Promise<number> {
  const now = context.clock.nowSeconds();
  return context.db.transaction(async (tx) => {
    const gone = await tx.delete(linkCode).where(waiting(session, now)).returning();
    return gone.length;
  });
}

function waiting({ patientId, study, proxy }: LinkSession, now: Seconds) {
  return and(
    eq(linkCode.patientId, patientId),
    eq(linkCode.study, study),
    sql`${linkCode.proxy} IS NOT DISTINCT FROM ${proxy}`,
    gt(linkCode.answeredAt, now - PENDING_SECONDS),
    isNull(linkCode.confirmedAt),
  );
}

async function pendingOf(
  tx: SqlTransaction,
  context: LinkContext,
  session: LinkSession,
  now: Seconds,
): Promise<readonly PendingLink[]> {
  const rows = await tx.select().from(linkCode).where(waiting(session, now));
  return rows.map((row) => {
    const publicKey = { ax: BigInt(row.keyX ?? 0), ay: BigInt(row.keyY ?? 0) };
    const words = linkWords({
      institution: context.institution,
      code: linkCodeOf(context, row.salt),
      publicKey,
    });
    return { ...row, words };
  });
}
