import type { SourceStatus } from '../graph/ask.js';

/** Why a node's answer cannot be used, as a client may see it. It names no host. */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  readonly status: Exclude<SourceStatus, 'OK' | 'NOT_PRESENTED'>;
  /** For the log alone: what happened, without a host. */
  readonly detail: string;

  constructor(status: NodeFailure['status'], detail: string) {
    super(`${status}: ${detail}`);
    this.status = status;
    this.detail = detail;
  }
}
