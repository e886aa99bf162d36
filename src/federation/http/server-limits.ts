import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Config } from '../../core/settings/config.js';
import { defaultOf } from '../../core/settings/setting.js';
import { SETTINGS } from '../../core/settings/settings.js';

/** What a server takes of its clients, and how long it waits for them. */
export interface ServerLimits {
  /** Milliseconds until the headers, and until all of a request, must have come. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Milliseconds until the whole answer must have been taken, once it is sent. */
  readonly answerMs: number;
  /** Milliseconds that a connection lives without a request, and without a byte while one is worked on. */
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly connections: number;
  readonly connectionsByAddress: number;
  /** Bytes of bodies that were taken and not yet answered. */
  readonly bodyBytes: number;
  readonly bodyBytesByAddress: number;
  readonly requestsPerMinuteByAddress: number;
  /** Of one key that signed a token, wherever it asks from. */
  readonly requestsPerMinuteByHolder: number;
  /** Addresses of proxies that say whom they speak for; nobody else is believed. */
  readonly trustedProxies: string | undefined;
  /** Origins whose pages may ask and read: `*`, `none`, or several, comma separated. */
  readonly corsOrigins: string;
  /** Milliseconds that the event loop may lag; 0: no limit. */
  readonly eventLoopDelayMs: number;
  /** Bytes; 0: no limit. */
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** The settings that these limits are made of. */
type LimitSettings = Pick<
  Config,
  | 'headersTimeoutSeconds'
  | 'requestTimeoutSeconds'
  | 'answerTimeoutSeconds'
  | 'keepAliveSeconds'
  | 'connectionIdleSeconds'
  | 'maxConnections'
  | 'maxConnectionsByAddress'
  | 'maxBodyMegabytes'
  | 'maxBodyMegabytesByAddress'
  | 'requestsPerMinuteByAddress'
  | 'requestsPerMinuteByHolder'
  | 'nodeRequestsPerMinuteByAddress'
  | 'nodeRequestsPerMinuteByHolder'
  | 'trustedProxies'
  | 'corsOrigins'
  | 'eventLoopDelayMilliseconds'
  | 'maxHeapPercent'
  | 'maxResidentMegabytes'
>;

const MEGABYTE = 1024 * 1024;
/** The rest is the kernel's, and for what one more second may take. */
const DEFAULT_RESIDENT = 0.9;

/** The limits of a gateway by the settings, or of a node: a node's clients are gateways with many each. */
export function serverLimitsOf(config: LimitSettings, of: 'gateway' | 'node'): ServerLimits {
  const isNode = of === 'node';
  return {
    headersMs: config.headersTimeoutSeconds * 1000,
    requestMs: config.requestTimeoutSeconds * 1000,
    answerMs: config.answerTimeoutSeconds * 1000,
    keepAliveMs: config.keepAliveSeconds * 1000,
    idleMs: config.connectionIdleSeconds * 1000,
    connections: config.maxConnections,
    connectionsByAddress: config.maxConnectionsByAddress,
    bodyBytes: config.maxBodyMegabytes * MEGABYTE,
    bodyBytesByAddress: config.maxBodyMegabytesByAddress * MEGABYTE,
    requestsPerMinuteByAddress: isNode
      ? config.nodeRequestsPerMinuteByAddress
      : config.requestsPerMinuteByAddress,
    requestsPerMinuteByHolder: isNode
      ? config.nodeRequestsPerMinuteByHolder
      : config.requestsPerMinuteByHolder,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    eventLoopDelayMs: config.eventLoopDelayMilliseconds,
    heapBytes: Math.floor((getHeapStatistics().heap_size_limit * config.maxHeapPercent) / 100),
    residentBytes:
      config.maxResidentMegabytes === undefined
        ? Math.floor(memoryOfProcess() * DEFAULT_RESIDENT)
        : config.maxResidentMegabytes * MEGABYTE,
  };
}

/** Bytes that this process may have at most: its control group's limit where one is set, or the machine's. */
function memoryOfProcess(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** The limits of the settings' defaults, for a server that was told none. */
export function usualServerLimits(of: 'gateway' | 'node'): ServerLimits {
  const usual = Object.entries(SETTINGS).map(([name, setting]) => [name, defaultOf(setting)]);
  return serverLimitsOf(Object.fromEntries(usual) as LimitSettings, of);
}
