import { type Anchoring, createAnchoring } from '../../consent/anchoring/anchoring.js';
import type { AnchorToSend } from '../../consent/anchoring/interval.js';
import { databasePending } from '../../consent/anchoring/pending-anchor.js';
import type { Feed } from '../../consent/feed/feed.js';
import type { FeedPeers } from '../../consent/feed/peers.js';
import type { Logger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import { anchorShard } from '../../ledger/governance/register-client.js';
import type { Register } from '../../ledger/rpc/connection.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { LedgerWatch } from '../../ledger/watch/watch.js';
import { type LedgerAccount, ledgerAccountOf } from '../../ledger/write/account.js';
import { Outbox } from '../../ledger/write/outbox.js';
import type { Database } from '../../store/database.js';
import type { NodeKeys } from '../state/node-keys.js';

export interface NodeAnchoringParts {
  readonly config: Config;
  readonly db: Database;
  readonly keys: NodeKeys;
  readonly register: Register;
  readonly log: Logger;
}

/** Some chains have a block only every 12 s: even with a short cadence, wait at least for one. */
const MIN_WAIT_MS = 30_000;

/** Anchoring whose transactions are kept in the node's database. */
export interface NodeAnchoring extends Anchoring {
  /** For a process that ends: transactions that are in no block yet are left to the next start. */
  giveUpSoon(): void;
}

interface AnchoringSurroundings {
  readonly feed: Feed;
  readonly peers: FeedPeers;
  readonly watch: LedgerWatch;
  /** Before each anchor. @throws DomainError RESTORED_OLD if the database is older than the last one. */
  readonly requireWhole: () => Promise<void>;
}

/** Connects an institution's anchoring, its account's outbox and its view of the ledger. */
export function createNodeAnchoring(
  parts: NodeAnchoringParts,
  { feed, peers, watch, requireWhole }: AnchoringSurroundings,
): NodeAnchoring {
  const { config, db, keys, register, log } = parts;
  const account = ledgerAccountOf(keys.ledgerKey);
  const cadenceMs = config.cadenceSeconds * 1000;
  const outbox = new Outbox({
    register,
    account,
    store: databasePending(db),
    feeLimitGwei: config.anchorMaxFeeGwei,
    giveUpAfterMs: Math.max(cadenceMs, MIN_WAIT_MS),
  });
  const anchoring = createAnchoring({
    feed,
    peers,
    cadenceMs,
    log,
    quorum: () => watch.latest().decided.parameters.acknowledgementQuorum,
    settle: async () => {
      await settle(outbox, watch, log);
      await requireWhole();
    },
    anchorOnLedger: (anchor) => anchorBy(outbox, register, account, anchor),
  });
  watch.onHead((snapshot) => anchoring.noticeHead(ownHead(snapshot, feed)));
  return Object.assign(anchoring, { giveUpSoon: () => outbox.stop() });
}

async function settle(outbox: Outbox, watch: LedgerWatch, log: Logger): Promise<void> {
  if ((await outbox.settle()) === 'TAKEN') {
    log.error({ code: 'TRANSACTION_REPLACED' }, "this node's ledger key is also used elsewhere");
  }
  await watch.refresh();
}

function anchorBy(
  outbox: Outbox,
  register: Register,
  account: LedgerAccount,
  { shardRoot, digest, acknowledgements }: AnchorToSend,
) {
  const signatures = acknowledgements as readonly `0x${string}`[];
  return anchorShard(
    register,
    { account, shardRoot, digest, acknowledgements: signatures },
    (data, call) => outbox.send(data, call),
  );
}

/** What a new block says about this institution's own slot. */
export function ownHead(snapshot: LedgerSnapshot, { institution }: Pick<Feed, 'institution'>) {
  const own = snapshot.institutionById(institution);
  const { anchors = 0, term = 0, lastAnchor } = own ?? {};
  const isSlotEmptied =
    own?.status === 'ACTIVE' && lastAnchor !== undefined && lastAnchor.shardRoot === undefined;
  return { blockNumber: snapshot.blockNumber, anchors, term, isSlotEmptied };
}
