import { randomBytes } from 'node:crypto';
import { toBytes32 } from '../../core/bytes32.js';
import { DomainError, invariant } from '../../core/errors.js';
import { type InstitutionId, type StudyId, toPseudonym } from '../../core/ids.js';
import { type Seconds, UNWRITABLE_SECONDS } from '../../core/time.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { institutionField } from '../../zk/arithmetic/field.js';
import { requireEddsa } from '../../zk/eddsa.js';
import { type ConsentFields, consentLeaf, pseudonymOf } from '../../zk/leaf.js';
import { serialParts } from '../../zk/serial.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { readDuties, readScope } from '../../zk/vocabulary.js';
import { lockAgainstWriters, type RegisterContext } from '../base/context.js';
import { toWithdrawal } from '../feed/chain.js';
import type { Feed } from '../feed/feed.js';
import { publishWith } from '../feed/publish.js';
import { isWithdrawn } from '../feed/store.js';
import { insertLeaves, lastIndex } from '../shard/leaf-store.js';
import { consent, registerLeaf } from '../tables/table-register.js';
import { type PriorConsent, readPriorConsents } from './prior-consents.js';

/** Where a consent was registered. It can be proved from the institution's next anchor on. */
export interface ConsentReceipt {
  readonly institution: InstitutionId;
  readonly study: StudyId;
  /** In the institution's shard. */
  readonly index: number;
  readonly leaf: bigint;
  readonly registeredAt: Seconds;
}

/**
 * How far ahead of this node's clock a serial's time may be. One of the far future would refuse all
 * that the participant signs before it comes, as not newer.
 */
const SERIAL_AHEAD_SECONDS = 86_400;
/** Of one participant in one study, so that nobody can fill the shard alone. */
const MAX_CONSENTS = 256;

/** Consents registered in one transaction at most: it holds a lock for some tens of milliseconds. */
const CONSENTS_PER_TRANSACTION = 256;

/** One whose signature was checked. */
interface Checked {
  readonly context: RegisterContext;
  readonly signed: SignedConsent;
  readonly leaf: bigint;
  readonly registeredAt: Seconds;
}

/** And who waits for it. */
interface Waiting extends Checked {
  readonly settle: (outcome: ConsentReceipt | Error) => void;
}

/** Who waits while a transaction runs goes into the next one together: a round trip serves them all. */
const waitingAt = new WeakMap<Database, Waiting[]>();

/**
 * Registers a consent that its participant signed: no login, the signature is the permission. Only a
 * linked participant's is taken, because leaves cost place for ever. The plaintext is kept, so that
 * this institution's accounting of disclosures can name the recipient.
 *
 * @throws DomainError SIGNATURE_INVALID, SERIAL_FROM_FUTURE, NOT_FOR_THIS_INSTITUTION,
 * CONSENT_EXPIRED, STUDY_UNKNOWN, PSEUDONYM_NOT_LINKED, LINK_NOT_CONFIRMED, PROXY_ENDED,
 * PAST_MAJORITY, SERIAL_NOT_NEWER, CONSENT_WITHDRAWN, RATE_LIMITED, SHARD_FULL, and what consentLeaf
 * and readScope throw.
 */
export async function registerConsent(
  context: RegisterContext,
  signed: SignedConsent,
): Promise<ConsentReceipt> {
  const checked = requireRegistrable(context, signed);
  return new Promise((resolve, reject) => {
    const settle = (outcome: ConsentReceipt | Error) =>
      outcome instanceof Error ? reject(outcome) : resolve(outcome);
    wait({ ...checked, settle });
  });
}

/**
 * Registers a consent in the place of others: their secrets are published in the same transaction, so
 * that there is never both and never neither. What is refused withdraws nothing.
 *
 * @param secrets - w of each consent signed before it for the same requester and purpose, registered
 * or not, here or elsewhere: canonical decimals, as the wallet's supersededSecrets.
 * @throws DomainError as registerConsent; CONSENT_WITHDRAWN if its own w is among the secrets;
 * what publishWithdrawals throws.
 */
export async function amendConsent(
  feed: Feed,
  signed: SignedConsent,
  secrets: readonly string[],
): Promise<ConsentReceipt> {
  const checked = requireRegistrable(feed, signed);
  const handle = String(signed.fields.handle);
  if (secrets.some((w) => toWithdrawal(w).handle === handle)) {
    throw new DomainError('CONSENT_WITHDRAWN');
  }
  return publishWith(feed, secrets, async (tx) => {
    const [outcome] = await registerAll(tx, [checked]);
    invariant(outcome !== undefined, 'each consent has an outcome');
    if (outcome instanceof DomainError) throw outcome;
    return outcome;
  });
}

/** All that can be said of a consent without the database. */
function requireRegistrable(context: RegisterContext, signed: SignedConsent): Checked {
  const { fields } = signed;
  const registeredAt = context.clock.nowSeconds();
  const leaf = requireWellFormed(fields, registeredAt);
  requireSigned(signed, leaf);
  if (fields.institution !== 0n && fields.institution !== institutionField(context.institution)) {
    throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  }
  if (fields.validity.until <= registeredAt) throw new DomainError('CONSENT_EXPIRED');
  return { context, signed, leaf, registeredAt };
}

function wait(one: Waiting): void {
  const { db } = one.context;
  const waiting = waitingAt.get(db);
  if (waiting !== undefined) {
    waiting.push(one);
    return;
  }
  waitingAt.set(db, [one]);
  void registerWaiting(db);
}

/** Registers until nobody waits any more. What breaks one transaction is told to all who are in it. */
async function registerWaiting(db: Database): Promise<void> {
  for (;;) {
    const some = waitingAt.get(db)?.splice(0, CONSENTS_PER_TRANSACTION) ?? [];
    if (some.length === 0) break;
    try {
      const outcomes = await db.transaction((tx) => registerAll(tx, some));
      for (const [i, { settle }] of some.entries())
        settle(outcomes[i] ?? new DomainError('INTERNAL'));
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new DomainError('INTERNAL', {}, thrown);
      for (const { settle } of some) settle(failure);
    }
  }
  waitingAt.delete(db);
}

/** Each on its own merits, in the order in which they came: one refused takes no other with it. */
async function registerAll(
  tx: SqlTransaction,
  waiting: readonly Checked[],
): Promise<readonly (ConsentReceipt | DomainError)[]> {
  // The lock comes first: two of one participant must not both find that there is none yet.
  await lockAgainstWriters(tx, registerLeaf);
  const all = waiting.map(({ signed }) => signed.fields);
  const earlier = await readPriorConsents(tx, all);
  const withdrawn = await isWithdrawn(
    tx,
    all.map(({ handle }) => String(handle)),
  );
  const first = (await lastIndex(tx)) + 1;
  const rows: (typeof consent.$inferInsert)[] = [];
  const outcomes = waiting.map(({ context, signed, leaf, registeredAt }) => {
    const { fields } = signed;
    const study = studyOf(earlier.of(fields), fields, registeredAt);
    if (study instanceof DomainError) return study;
    if (withdrawn.has(String(fields.handle))) return new DomainError('CONSENT_WITHDRAWN');
    const index = first + rows.length;
    if (index >= 2 ** SHARD_LEVELS) return new DomainError('SHARD_FULL', { leaves: index });
    earlier.add(fields);
    rows.push(rowOf(signed, { index, leaf, study, registeredAt }));
    return { institution: context.institution, study, index, leaf, registeredAt };
  });
  if (rows.length > 0) {
    const leaves = rows.map((row) => BigInt(row.leaf));
    await insertLeaves(tx, first, leaves, 'CONSENT');
    await tx.insert(consent).values(rows);
  }
  return outcomes;
}

/** What cannot be read back into words, or into the columns below, is refused rather than kept. */
function requireWellFormed(fields: ConsentFields, now: Seconds): bigint {
  const leaf = consentLeaf(fields);
  const { purposes, dataClasses } = readScope(fields.scope);
  readDuties(fields.duties);
  if (purposes.length === 0) throw new DomainError('PURPOSE_MISSING');
  if (dataClasses.length === 0) throw new DomainError('DATA_CLASS_MISSING');
  for (const { until } of [fields.validity, fields.dataWindow]) {
    if (until > UNWRITABLE_SECONDS) throw new DomainError('TIME_OUT_OF_RANGE');
  }
  if (serialParts(fields.serial).seconds > now + SERIAL_AHEAD_SECONDS) {
    throw new DomainError('SERIAL_FROM_FUTURE');
  }
  return leaf;
}

/** The pseudonym is the hash of the signing key: without this, anyone could sign for anyone. */
function requireSigned({ fields, publicKey, signature }: SignedConsent, leaf: bigint): void {
  requireEddsa(publicKey, leaf, signature);
  if (pseudonymOf(publicKey) !== fields.pseudonym) throw new DomainError('SIGNATURE_INVALID');
}

/**
 * The study of a consent that may be registered, or why it may not. No old paper in a drawer comes
 * back: neither an older serial nor a handle that was used.
 */
function studyOf(
  earlier: PriorConsent,
  { serial, validity }: ConsentFields,
  registeredAt: Seconds,
): StudyId | DomainError {
  const { study, linked, waiting, proxyUntil, highestSerial, handleUsed, leaves } = earlier;
  if (study === undefined) return new DomainError('STUDY_UNKNOWN');
  if (!linked) return new DomainError(waiting ? 'LINK_NOT_CONFIRMED' : 'PSEUDONYM_NOT_LINKED');
  if (proxyUntil !== null) {
    if (proxyUntil <= registeredAt) return new DomainError('PROXY_ENDED');
    // What a proxy signed ends by itself when the patient can sign.
    if (validity.until > proxyUntil) return new DomainError('PAST_MAJORITY');
  }
  const isOlder = highestSerial !== undefined && serial <= highestSerial;
  if (isOlder || handleUsed) return new DomainError('SERIAL_NOT_NEWER');
  if (leaves >= MAX_CONSENTS) {
    return new DomainError('RATE_LIMITED', { maximumConsents: MAX_CONSENTS });
  }
  return study;
}

function rowOf(
  { fields, publicKey, signature }: SignedConsent,
  place: { index: number; leaf: bigint; study: StudyId; registeredAt: Seconds },
): typeof consent.$inferInsert {
  return {
    index: place.index,
    leaf: String(place.leaf),
    studyId: place.study,
    pseudonym: toPseudonym(String(fields.pseudonym)),
    requester: String(fields.requester),
    study: String(fields.study),
    institution: String(fields.institution),
    scope: String(fields.scope),
    duties: String(fields.duties),
    validFrom: Number(fields.validity.from),
    validUntil: Number(fields.validity.until),
    windowFrom: Number(fields.dataWindow.from),
    windowUntil: Number(fields.dataWindow.until),
    policy: String(fields.policy),
    serial: fields.serial,
    handle: String(fields.handle),
    salt: String(fields.salt),
    keyX: String(publicKey.ax),
    keyY: String(publicKey.ay),
    signatureR8x: String(signature.r8x),
    signatureR8y: String(signature.r8y),
    signatureS: String(signature.s),
    registeredAt: place.registeredAt,
    tombstone: toBytes32(randomBytes(32)),
  };
}
