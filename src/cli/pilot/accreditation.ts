import { type AccreditationPackage, accreditationTarget } from '../../client/requester/accredit.js';
import { appendLeaf } from '../../consent/shard/shard.js';
import { subtreeKeyAt } from '../../consent/shard/subtree-key.js';
import { systemClock } from '../../core/clock.js';
import type { Database } from '../../store/database.js';
import { parseCanonicalDecimal, randomField } from '../../zk/arithmetic/field.js';
import { type AccreditationFields, accreditationLeaf } from '../../zk/leaf.js';
import { ACCREDITATION_ROLE_BITS } from '../../zk/vocabulary.js';
import type { StateFolder } from '../state/state-folder.js';
import { CORNER, PHARMACY_PARTY } from './institutions.js';
import { databaseAt, keysAt, type Membership } from './membership.js';
import { loadPersona } from './personas.js';

const FILE = 'pilot/accreditation.json';
const YEAR = 365 * 86_400;

interface StoredAccreditation {
  readonly requester: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly salt: string;
  readonly index: number;
}

/**
 * The pharmacy accredits its pharmacist as a trading partner, once, with a leaf in its own shard.
 */
export async function registerPharmacist(
  folder: StateFolder,
  memberships: readonly Membership[],
): Promise<AccreditationPackage> {
  const { requester } = await loadPersona(folder, 'pharmacist');
  const stored =
    (await folder.readJson<StoredAccreditation>(FILE)) ??
    (await register(folder, databaseAt(memberships, CORNER), requester.requester));
  const { index } = stored;
  const { pathKey } = keysAt(memberships, CORNER);
  const subtreeKey = subtreeKeyAt(pathKey, index);
  return { fields: fieldsOf(stored), institution: CORNER, index, subtreeKey };
}

async function register(
  folder: StateFolder,
  db: Database,
  requester: bigint,
): Promise<StoredAccreditation> {
  const now = systemClock.nowSeconds();
  const draft = {
    requester: String(requester),
    validFrom: String(now - 60),
    validUntil: String(now + YEAR),
    salt: String(randomField()),
  };
  const leaf = accreditationLeaf(fieldsOf(draft));
  const index = await db.transaction((tx) => appendLeaf(tx, leaf, 'ACCREDITATION'));
  await folder.writeJson(FILE, { ...draft, index });
  return { ...draft, index };
}

function fieldsOf(stored: Omit<StoredAccreditation, 'index'>): AccreditationFields {
  const { study, party } = accreditationTarget({ study: undefined, party: PHARMACY_PARTY });
  return {
    requester: parseCanonicalDecimal(stored.requester),
    roles: 1n << BigInt(ACCREDITATION_ROLE_BITS.TRADING_PARTNER),
    study,
    party,
    validity: { from: BigInt(stored.validFrom), until: BigInt(stored.validUntil) },
    salt: parseCanonicalDecimal(stored.salt),
  };
}
