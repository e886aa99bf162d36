import type { Permit } from '../../src/consent/gate/permit.js';
import type { InstitutionId } from '../../src/core/ids.js';
import type { Database } from '../../src/store/database.js';
import type { GatedNodeOptions } from '../../test/support/gated-node.js';
import { startNetwork } from '../../test/support/network.js';
import { gatedNode, MAX_TOKEN_SECONDS, openNode } from './hospital.js';

/** A gateway over both hospitals' nodes, over HTTP on loopback. */
export interface Stack {
  readonly url: string;
  /** The audience of its requesters' tokens. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** What a network runs. */
export const startGated = (hospitals: ReadonlyMap<InstitutionId, Database>): Promise<Stack> =>
  startStack([...hospitals].map(([institution, db]) => gatedNode(institution, db)));

/** The same parts with a permit for every row. */
export const startOpen = (
  hospitals: ReadonlyMap<InstitutionId, Database>,
  permits: readonly Permit[],
): Promise<Stack> =>
  startStack([...hospitals].map(([institution, db]) => openNode(institution, db, permits)));

async function startStack(hospitals: readonly GatedNodeOptions[]): Promise<Stack> {
  const gateway = { tokenMaxSeconds: MAX_TOKEN_SECONDS };
  const { url, gatewayKey, stop } = await startNetwork({ hospitals, gateway });
  return { url, thumbprint: gatewayKey.thumbprint, stop };
}
