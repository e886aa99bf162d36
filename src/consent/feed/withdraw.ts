import { inArray } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { MAX_PUZZLE_BITS, type PuzzleSolution, requireSolved } from '../../core/signed/puzzle.js';
import type { SqlTransaction } from '../../store/database.js';
import { lockAgainstWriters } from '../base/context.js';
import { canRefuse, type RefusalCode } from '../base/refusal-code.js';
import { feedEntry } from '../tables/table-feed.js';
import { presentation } from '../tables/table-presentation.js';
import { consent, registerLeaf } from '../tables/table-register.js';
import { toWithdrawal, type Withdrawal } from './chain.js';
import type { Feed } from './feed.js';
import { heldSince, holdWithdrawals } from './held.js';
import { type Appended, appendOwn, noteAppended, requireOwnWhole } from './publish.js';
import { handlesShown, type ShownConsent } from './shown.js';
import { isPublished } from './store.js';
import { STRANGER_TERMS } from './stranger-terms.js';

/** Secrets in one call at most. */
const MAX_SECRETS = 1_000;
/**
 * Up to this many secrets of strangers a minute cost the least work; with twice as many, each costs
 * twice the work.
 */
const STRANGERS_PER_MINUTE = 600;
const MINUTE_SECONDS = 60;

/** Secrets to be published, and what shows that they are worth it. */
export interface WithdrawalRequest {
  /** Canonical decimals, as the wallet's w. */
  readonly secrets: readonly string[];
  /** Opens consents that are not known here: a caller who shows one need not queue. */
  readonly shown?: readonly ShownConsent[];
  /** For the other secrets: a proof of work over all secrets, made for this institution. */
  readonly puzzle?: PuzzleSolution | undefined;
  /** Who sends them, for example a gateway's thumbprint; absent for an unknown sender. */
  readonly source?: string | undefined;
}

/** A secret that was not taken, by its place in the request. */
export interface RefusedSecret {
  readonly index: number;
  readonly code: RefusalCode;
}

/** What became of the secrets. Those in neither list stand in a feed, for ever. */
export interface TakenWithdrawals {
  readonly refused: readonly RefusedSecret[];
  /** Places of those that are held: not published here, and forgotten unless another publishes them. */
  readonly held: readonly number[];
}

/**
 * Takes withdrawal secrets, from anybody. Any node takes any w: the wallet that knows w need not say
 * where its consents are. A handle that is known here, because it was registered or presented, or that
 * is shown to be registered elsewhere, goes into this institution's feed, for ever. Every field element
 * is some w, so the rest are strangers: they do some work, and theirs are held, refused at every node
 * within seconds, and forgotten unless an institution that knows the handle publishes them.
 *
 * One that is published already, in any feed, is no change.
 *
 * @returns refused: SECRET_MALFORMED; PUZZLE_MISSING, PUZZLE_INVALID or PUZZLE_TOO_EASY for strangers,
 * and RATE_LIMITED if their source brought too many within a minute.
 * @throws DomainError INPUT_TOO_LARGE; FEED_GAP while this node's own feed is behind what it anchored:
 * appending now would fork it; FEED_FORKED if it is forked, and what is appended would not reach
 * everybody; what handlesShown throws.
 */
export async function takeWithdrawals(
  feed: Feed,
  request: WithdrawalRequest,
): Promise<TakenWithdrawals> {
  const { secrets } = request;
  if (secrets.length > MAX_SECRETS) {
    throw new DomainError('INPUT_TOO_LARGE', { secrets: secrets.length, maximum: MAX_SECRETS });
  }
  const read = secrets.map(readSecret);
  const shown = handlesShown(request.shown ?? [], feed.acceptsRoot ?? (() => false));
  requireOwnWhole(feed);
  const wellFormed = read.flatMap((one) => ('w' in one ? [one] : []));
  const withdrawals = [...new Map(wellFormed.map((one) => [one.handle, one])).values()];
  const { code, strangers } = await settle(feed, withdrawals, {
    shown,
    origin: feed.institution,
    judgeStrangers: (tx, rest) => judgeStrangers(tx, feed, rest, request),
  });
  const strange = new Set(strangers);
  const refused: RefusedSecret[] = [];
  const held: number[] = [];
  for (const [index, one] of read.entries()) {
    if ('code' in one) refused.push({ index, code: one.code });
    else if (!strange.has(one.handle)) continue;
    else if (code === undefined) held.push(index);
    else refused.push({ index, code });
  }
  return { refused, held };
}

/**
 * Takes what another institution holds and asks about. What is known here is published; the rest is
 * held here too, so that it ends its consent at every node.
 */
export async function takeOffered(
  feed: Feed,
  origin: InstitutionId,
  withdrawals: readonly Withdrawal[],
): Promise<void> {
  requireOwnWhole(feed);
  await settle(feed, withdrawals, {
    shown: new Set(),
    origin,
    judgeStrangers: async () => undefined,
  });
}

function readSecret(w: string): Withdrawal | { readonly code: RefusalCode } {
  try {
    return toWithdrawal(w);
  } catch (thrown) {
    if (!canRefuse(thrown)) throw thrown;
    return { code: thrown.code };
  }
}

interface Settling {
  readonly shown: ReadonlySet<string>;
  readonly origin: InstitutionId;
  /** Why strangers' secrets are not held; undefined if they are. */
  readonly judgeStrangers: (
    tx: SqlTransaction,
    strangers: readonly Withdrawal[],
  ) => Promise<RefusalCode | undefined>;
}

interface Settled {
  readonly code: RefusalCode | undefined;
  /** Handles that nothing shows to be real. */
  readonly strangers: readonly string[];
}

async function settle(
  feed: Feed,
  withdrawals: readonly Withdrawal[],
  { shown, origin, judgeStrangers }: Settling,
): Promise<Settled> {
  const done = await feed.db.transaction(async (tx) => {
    await lockAgainstWriters(tx, feedEntry);
    // Registering holds this lock while it looks for the handle, so that neither misses the other.
    await lockAgainstWriters(tx, registerLeaf);
    const published = await isPublished(tx, withdrawals.map(handleOf));
    const news = withdrawals.filter(({ handle }) => !published.has(handle));
    const known = await knownHere(tx, news.map(handleOf));
    const isReal = ({ handle }: Withdrawal) => known.has(handle) || shown.has(handle);
    const strangers = news.filter((one) => !isReal(one));
    const code = strangers.length > 0 ? await judgeStrangers(tx, strangers) : undefined;
    const held = code === undefined ? strangers : [];
    const at = feed.clock.nowSeconds();
    const { heldSeconds } = feed.strangers ?? STRANGER_TERMS;
    await holdWithdrawals(tx, held, { origin, at, until: at + heldSeconds });
    const appended = await appendOwn(tx, feed, news.filter(isReal));
    return { code, strangers: strangers.map(handleOf), held: held.map(handleOf), appended };
  });
  tell(feed, done);
  return done;
}

function tell(
  feed: Feed,
  { appended, held }: { readonly appended: Appended; readonly held: readonly string[] },
): void {
  noteAppended(feed, appended);
  if (held.length > 0) feed.onWithdrawn?.(held);
}

function handleOf({ handle }: Withdrawal): string {
  return handle;
}

/** Which of these handles were registered or presented at this institution. */
async function knownHere(tx: SqlTransaction, handles: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  if (handles.length === 0) return known;
  for (const table of [consent, presentation]) {
    const rows = await tx
      .selectDistinct({ handle: table.handle })
      .from(table)
      .where(inArray(table.handle, [...handles]));
    for (const { handle } of rows) known.add(handle);
  }
  return known;
}

/**
 * Strangers pay by work, the more of it the more of them there are: nobody is turned away for good.
 * A source that brings too many waits, and no other does.
 */
async function judgeStrangers(
  tx: SqlTransaction,
  feed: Feed,
  strangers: readonly Withdrawal[],
  { secrets, puzzle, source = '' }: WithdrawalRequest,
): Promise<RefusalCode | undefined> {
  const { institution, clock, strangers: terms = STRANGER_TERMS } = feed;
  const now = clock.nowSeconds();
  // Counted once they are paid for: what is sent without work uses up nobody's share.
  const count = () =>
    feed.sources.take(source, strangers.length, now) ? undefined : 'RATE_LIMITED';
  if (terms.puzzleBits === 0) return count();
  if (puzzle === undefined) return 'PUZZLE_MISSING';
  const lately = await heldSince(tx, institution, now - MINUTE_SECONDS);
  const crowd = Math.max(1, (lately + strangers.length) / STRANGERS_PER_MINUTE);
  const bits = Math.min(MAX_PUZZLE_BITS, terms.puzzleBits + Math.ceil(Math.log2(crowd)));
  try {
    requireSolved({ institution, secrets }, puzzle, { bits, now });
    return count();
  } catch (thrown) {
    if (!canRefuse(thrown)) throw thrown;
    return thrown.code;
  }
}
