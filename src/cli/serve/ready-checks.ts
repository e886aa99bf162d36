import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDigest } from '../../consent/evidence/serve.js';
import { type Feed, requireCompleteFeed } from '../../consent/feed/feed.js';
import type { Bytes32 } from '../../core/bytes32.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { ReadyCheck } from '../../federation/readiness.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';
import type { PeerClocks } from '../../network/peer-clocks.js';
import type { Database } from '../../store/database.js';

/** The readiness checks of a node. */
export function nodeChecks(
  parts: {
    readonly institution: InstitutionId;
    readonly db: Database;
    readonly stateFolder?: string | undefined;
  },
  has: { readonly watch: LedgerWatch; readonly feed: Feed; readonly clocks: PeerClocks },
): readonly ReadyCheck[] {
  const { institution, db, stateFolder } = parts;
  return [
    databaseAnswers(db),
    ledgerIsCurrent(has.watch),
    feedsAreComplete(has.feed),
    ownEvidenceIsWhole(db, institution, has.watch),
    clockAgrees(has.clocks),
    ...(stateFolder === undefined ? [] : [stateIsWritable(stateFolder)]),
  ];
}

/** The readiness checks of a gateway. Unavailable nodes are no reason: its answers name them. */
export function gatewayChecks(has: {
  readonly watch: LedgerWatch;
  readonly clocks: PeerClocks;
  /** Asks the nodes, whose answers contain their time. */
  readonly probe: () => Promise<unknown>;
  readonly stateFolder?: string | undefined;
}): readonly ReadyCheck[] {
  const { watch, clocks, probe, stateFolder } = has;
  const clock = clockAgrees(clocks);
  const check = () => {
    // Not awaited: a node that hangs must not delay this answer. The next check knows the result.
    probe().catch(() => undefined);
    return clock.check();
  };
  return [
    ledgerIsCurrent(watch),
    { code: clock.code, check },
    ...(stateFolder === undefined ? [] : [stateIsWritable(stateFolder)]),
  ];
}

/** Signatures and tokens tolerate 60 s: half of that is left for transport. */
const MAX_APART_MS = 30_000;
/** A file system with less space left than this is as good as full. */
const PROBE_BYTES = 64 * 1024;
const DISK_CHECK_EVERY_MS = 5_000;

function databaseAnswers(db: Database): ReadyCheck {
  return { code: 'DATABASE_UNAVAILABLE', check: () => db.read('SELECT 1') };
}

/**
 * Fails when every release would: for a view that is too old, another chain, or a chain that went
 * back.
 */
function ledgerIsCurrent(watch: LedgerWatch): ReadyCheck {
  return { code: 'LEDGER_UNAVAILABLE', check: () => void watch.current() };
}

/** Fails while some institution's withdrawals are incomplete: no consent is served without them. */
function feedsAreComplete(feed: Feed): ReadyCheck {
  return { code: 'FEED_GAP', check: () => requireCompleteFeed(feed) };
}

/**
 * Fails while this institution cannot prove what it anchored last: its database is older than the
 * ledger, or has another history. Other institutions' logs do not count, or a dishonest one could
 * take this node down.
 */
function ownEvidenceIsWhole(
  db: Database,
  institution: InstitutionId,
  watch: LedgerWatch,
): ReadyCheck {
  return {
    // A database that hangs says nothing about its evidence.
    code: 'DATABASE_UNAVAILABLE',
    async check() {
      const digest = watch.latest().institutionById(institution)?.lastAnchor?.digest;
      if (digest === undefined) return;
      await openDigest(db, digest as Bytes32).catch((thrown: unknown) => {
        // Only missing evidence counts: an unavailable database has a check of its own.
        if (thrown instanceof DomainError && thrown.code !== 'BAD_INPUT') return;
        throw new DomainError('EVIDENCE_INCONSISTENT', { institution });
      });
    },
  };
}

/** Fails while the clocks of most other nodes and of the blocks differ from this one. */
function clockAgrees(clocks: PeerClocks): ReadyCheck {
  return {
    code: 'CLOCK_APART',
    check() {
      const seconds = Math.round(clocks.aheadMs() / 1_000);
      if (Math.abs(clocks.aheadMs()) > MAX_APART_MS)
        throw new DomainError('CLOCK_APART', { seconds });
    },
  };
}

/**
 * Fails while no file can be written to the state folder: it is full, read-only or gone. Checked at
 * most every 5 s.
 */
function stateIsWritable(folder: string): ReadyCheck {
  let checkedMs = Number.NEGATIVE_INFINITY;
  let last: Promise<void> = Promise.resolve();
  return {
    code: 'STATE_UNWRITABLE',
    check() {
      const nowMs = performance.now();
      if (nowMs - checkedMs > DISK_CHECK_EVERY_MS) {
        checkedMs = nowMs;
        last = writeProbe(join(folder, `.ready-${process.pid}-${randomBytes(4).toString('hex')}`));
        // The next check reports it; until then a rejection must not be unhandled.
        last.catch(() => undefined);
      }
      return last;
    },
  };
}

async function writeProbe(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES, 1));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new DomainError('STATE_UNWRITABLE', {}, cause);
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/**
 * Takes the time of each new block as one source among others: the first block that a process sees
 * may be old, and so may the block of an endpoint that lags behind.
 */
export function hearBlocks(watch: LedgerWatch, clocks: PeerClocks): void {
  let seen = false;
  watch.onHead(({ blockAtMs }) => {
    if (seen) clocks.note('blocks', blockAtMs);
    seen = true;
  });
}
