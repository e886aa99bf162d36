import { randomBytes } from 'node:crypto';
import { asc, desc, isNotNull, isNull, sql } from 'drizzle-orm';
import { canonicalJson } from '../../core/canonical.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { SqlTransaction } from '../../store/database.js';
import type { DataClass, Purpose } from '../../zk/vocabulary.js';
import { type Bytes32, bytesOf, hashOf, nextHead, ZERO_HEAD } from '../feed/digest.js';
import { lockAgainstWriters } from './context.js';
import { disclosure } from './table-disclosure.js';

/** Rows of one participant and one data class that leave this node in one request. */
export interface Release {
  readonly at: Seconds;
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
  /** The handle of the consent it is released under, a canonical decimal. */
  readonly handle: string;
  readonly purpose: Purpose;
  readonly dataClass: DataClass;
  /** Rows released. */
  readonly count: number;
}

const SALT_BYTES = 16;
/** Keeps one INSERT below the 65,535 parameters that the wire protocol counts. */
const ROWS_PER_INSERT = 5_000;
const ROWS_PER_SEAL = 5_000;

/**
 * Records what is about to leave this node, in the transaction that reads it: an answer whose
 * record fails is not given. One INSERT per request; the chain is joined at the next anchor.
 */
export async function recordDisclosures(
  tx: SqlTransaction,
  releases: readonly Release[],
): Promise<void> {
  for (let start = 0; start < releases.length; start += ROWS_PER_INSERT) {
    const rows = releases.slice(start, start + ROWS_PER_INSERT).map((release) => {
      const salt = randomBytes(SALT_BYTES).toString('hex');
      return { ...release, salt, commitment: commitmentOf(release, salt) };
    });
    await tx.insert(disclosure).values(rows);
  }
}

/** What the chain commits to in place of the row, so that the row can be erased. */
export function commitmentOf(release: Release, salt: string): Bytes32 {
  const { at, study, pseudonym, handle, purpose, dataClass, count } = release;
  const row = { at, study, pseudonym, handle, purpose, dataClass, count };
  return hashOf(Buffer.from(salt, 'hex'), canonicalJson(row));
}

/** The head of the chain as last sealed; zeros before the first disclosure. */
export async function disclosureHead(tx: SqlTransaction): Promise<Bytes32> {
  return (await lastSealed(tx)).head;
}

/**
 * Joins every disclosure since the last call to the chain, in the order of their ids, and returns
 * its head. Done once per anchor rather than with each row: a chain written by each request would
 * make all requests wait for each other.
 */
export async function sealDisclosures(tx: SqlTransaction): Promise<Bytes32> {
  await lockAgainstWriters(tx, disclosure);
  for (;;) {
    const last = await lastSealed(tx);
    const rows = await tx
      .select({ id: disclosure.id, commitment: disclosure.commitment })
      .from(disclosure)
      .where(isNull(disclosure.position))
      .orderBy(asc(disclosure.id))
      .limit(ROWS_PER_SEAL);
    if (rows.length === 0) return last.head;
    await writeSeals(tx, chain(last, rows));
  }
}

interface Sealed {
  readonly position: number;
  readonly head: Bytes32;
}

function chain(
  last: Sealed,
  rows: readonly { id: number; commitment: Bytes32 }[],
): (Sealed & { id: number })[] {
  let { position, head } = last;
  return rows.map(({ id, commitment }) => {
    position += 1;
    head = nextHead(head, bytesOf(commitment));
    return { id, position, head };
  });
}

async function lastSealed(tx: SqlTransaction): Promise<Sealed> {
  const [last] = await tx
    .select({ position: disclosure.position, head: disclosure.head })
    .from(disclosure)
    .where(isNotNull(disclosure.position))
    .orderBy(desc(disclosure.position))
    .limit(1);
  return { position: last?.position ?? 0, head: last?.head ?? ZERO_HEAD };
}

async function writeSeals(
  tx: SqlTransaction,
  seals: readonly (Sealed & { id: number })[],
): Promise<void> {
  await tx.execute(sql`
    UPDATE disclosure SET position = sealed.position, head = sealed.head
    FROM jsonb_to_recordset(${JSON.stringify(seals)}::jsonb)
      AS sealed(id bigint, position bigint, head text)
    WHERE disclosure.id = sealed.id`);
}
