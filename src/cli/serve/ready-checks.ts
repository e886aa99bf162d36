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

/** What a node is ready by. */
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

/** What a gateway is ready by. Which nodes are away, its answers say. */
export function gatewayChecks(has: {
  readonly watch: LedgerWatch;
  readonly clocks: PeerClocks;
  /** Asks the nodes, whose answers say what time they have. */
  readonly probe: () => Promise<unknown>;
  readonly stateFolder?: string | undefined;
}): readonly ReadyCheck[] {
  const { watch, clocks, probe, stateFolder } = has;
  const clock = clockAgrees(clocks);
  const check = () => {
    // Not waited for: a node that hangs must not hold up this answer. The next one knows more.
    probe().catch(() => undefined);
    return clock.check();
  };
  return [
    ledgerIsCurrent(watch),
    { code: clock.code, check },
    ...(stateFolder === undefined ? [] : [stateIsWritable(stateFolder)]),
  ];
}

/** Signatures and tokens may be 60 s apart: half of it is left for their way. */
const MAX_APART_MS = 30_000;
/** A file system that has not so much left soon has nothing. */
const PROBE_BYTES = 64 * 1024;
const DISK_CHECK_EVERY_MS = 5_000;

function databaseAnswers(db: Database): ReadyCheck {
  return { code: 'DATABASE_UNAVAILABLE', check: () => db.read('SELECT 1') };
}

/** Fails as every release would: for a view that is too old, another chain, or one set back. */
function ledgerIsCurrent(watch: LedgerWatch): ReadyCheck {
  return { code: 'LEDGER_UNAVAILABLE', check: () => void watch.current() };
}

/** Fails while some institution's withdrawals are not all here: no consent is served without them. */
function feedsAreComplete(feed: Feed): ReadyCheck {
  return { code: 'FEED_GAP', check: () => requireCompleteFeed(feed) };
}

/**
 * Fails while this institution cannot open what it anchored last: its database is older than the ledger, or of
 * another history. What others' logs are is theirs: a liar must not take this node down.
 */
function ownEvidenceIsWhole(
  db: Database,
  institution: InstitutionId,
  watch: LedgerWatch,
): ReadyCheck {
  return {
    // A database that hangs says nothing of the evidence in it.
    code: 'DATABASE_UNAVAILABLE',
    async check() {
      const digest = watch.latest().institutionById(institution)?.lastAnchor?.digest;
      if (digest === undefined) return;
      await openDigest(db, digest as Bytes32).catch((thrown: unknown) => {
        // Only what is missing: a database that is away is told by its own check.
        if (thrown instanceof DomainError && thrown.code !== 'BAD_INPUT') return;
        throw new DomainError('EVIDENCE_INCONSISTENT', { institution });
      });
    },
  };
}

/** Fails while the clocks of most others and of the blocks say another time. */
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

/** Fails while the state folder takes no file: it is full, read-only or gone. Looks every 5 s at most. */
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
        // The next question hears of it; there may be none when it fails.
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
 * Hears the time of each new block. The first one that a process sees may be old, and so may what an endpoint that
 * lags behind shows: it is one source among the others.
 */
export function hearBlocks(watch: LedgerWatch, clocks: PeerClocks): void {
  let seen = false;
  watch.onHead(({ blockAtMs }) => {
    if (seen) clocks.note('blocks', blockAtMs);
    seen = true;
  });
}
