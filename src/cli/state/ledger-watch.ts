import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import type { Config } from '../../core/settings/config.js';
import type { RootOf } from '../../ledger/quorum/view.js';
import type { HighWaterStore } from '../../ledger/watch/high-water.js';
import { type LedgerWatch, watchLedger } from '../../ledger/watch/watch.js';
import { NetworkRoot } from '../../zk/network-root.js';
import { type NamedRegister, quorumOf } from './register-file.js';

/** Watches the register as the settings say: a node with its high-water mark, a gateway without. */
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

/** Each watch remembers a tree of its own. */
export function networkRoot(): RootOf {
  const tree = new NetworkRoot();
  return (slots) => tree.of(slots);
}

/** A chain may have blocks only when someone anchors: it stands still for a cadence, if only one is left. */
function headMaxAgeSeconds({ ledgerHeadMaxAgeSeconds, cadenceSeconds }: Config): number {
  return ledgerHeadMaxAgeSeconds ?? Math.max(60, 4 * cadenceSeconds);
}
