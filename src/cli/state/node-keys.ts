import { randomBytes } from 'node:crypto';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { generateLedgerKey } from '../../ledger/write/account.js';
import type { StateFolder } from './state-folder.js';

/** The secrets of one institution's node. Made on its first start; they never leave its folder. */
export interface NodeKeys {
  /** The account that anchors its shard, 0x and 64 hexadecimal digits. */
  readonly ledgerKey: `0x${string}`;
  /** Seed of the EdDSA issuer key, 32 bytes. */
  readonly issuerSeed: Uint8Array;
  /** Key of the HMAC behind every id that leaves this node, 32 bytes. */
  readonly idKey: Uint8Array;
  /** Key of the HMAC that link codes are made with, 32 bytes. */
  readonly linkKey: Uint8Array;
  /**
   * Key of the HMAC that subtree keys are made with, 32 bytes. A new key invalidates all subtree
   * keys given out.
   */
  readonly pathKey: Uint8Array;
}

interface StoredNodeKeys {
  readonly ledgerKey: `0x${string}`;
  readonly issuerSeed: string;
  readonly idKey: string;
  readonly linkKey: string;
  readonly pathKey: string;
}

/**
 * The institution's keys in that state folder, made if it has none yet.
 *
 * @throws DomainError STATE_OTHER_VERSION if a key is missing.
 */
export async function loadNodeKeys(
  folder: StateFolder,
  institution: InstitutionId,
): Promise<NodeKeys> {
  const name = `nodes/${institution}/keys.json`;
  const made = makeNodeKeys();
  const stored = (await folder.readJson<StoredNodeKeys>(name)) ?? made;
  if (Object.keys(made).some((key) => !Object.hasOwn(stored, key))) {
    throw new DomainError('STATE_OTHER_VERSION', { file: 'keys.json' });
  }
  await folder.writeJson(name, stored);
  return {
    ledgerKey: stored.ledgerKey,
    issuerSeed: Buffer.from(stored.issuerSeed, 'hex'),
    idKey: Buffer.from(stored.idKey, 'hex'),
    linkKey: Buffer.from(stored.linkKey, 'hex'),
    pathKey: Buffer.from(stored.pathKey, 'hex'),
  };
}

function makeNodeKeys(): StoredNodeKeys {
  return {
    ledgerKey: generateLedgerKey(),
    issuerSeed: randomBytes(32).toString('hex'),
    idKey: randomBytes(32).toString('hex'),
    linkKey: randomBytes(32).toString('hex'),
    pathKey: randomBytes(32).toString('hex'),
  };
}
