import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import type { RootOf } from '../../ledger/quorum/view.js';
import type { HighWaterStore } from '../../ledger/watch/high-water.js';
import { type LedgerWatch, watchLedger } from '../../ledger/watch/watch.js';
import { NetworkRoot } from '../../zk/network-root.js';
import { type NamedRegister, quorumOf } from './register-file.js';

/**
 * Watches the register in the settings: for a node with its high-water mark, for a gateway without.
 */
export function watchRegister(
  { register, rpcUrls }: NamedRegister,
  config: Config,
  options: {
    readonly log: Logger;
    readonly highWater?: HighWaterStore;
    readonly clock?: Clock | undefined;
  },
): LedgerWatch {
  const { log, highWater, clock } = options;
  return watchLedger({
    rpcUrls,
    quorum: quorumOf(config, rpcUrls),
    rootOf: networkRoot(),
    contract: register.contract,
    pins: register.pins,
    maxAgeMs: config.ledgerMaxAgeSeconds * 1000,
    maxHeadAgeMs: headMaxAgeSeconds(config) * 1000,
    pollMs: config.ledgerPollMilliseconds,
    subscribe: config.ledgerSubscribe,
    finalitySeconds: config.finalitySeconds,
    log,
    ...(highWater ? { highWater } : {}),
    ...(clock ? { clock } : {}),
  });
}

/** Each watch needs its own, because it caches a tree. */
export function networkRoot(): RootOf {
  const tree = new NetworkRoot();
  return (slots) => tree.of(slots);
}

/**
 * A chain may have blocks only when someone anchors: with a single institution left, it has none
 * for a whole cadence.
 */
function headMaxAgeSeconds({ ledgerHeadMaxAgeSeconds, cadenceSeconds }: Config): number {
  return ledgerHeadMaxAgeSeconds ?? Math.max(60, 4 * cadenceSeconds);
}
