import type { Permit } from '../../src/consent/gate/permit.js';
import { presentation } from '../../src/consent/tables/table-presentation.js';
import { sha256Hex } from '../../src/core/canonical.js';
import { systemClock } from '../../src/core/clock.js';
import { toStudyId } from '../../src/core/ids.js';
import { NO_END_SECONDS } from '../../src/core/time.js';
import { RECORD_CLASSES } from '../../src/records/model/model.js';
import type { Database } from '../../src/store/database.js';
import { fieldOf } from '../../src/zk/arithmetic/field.js';
import { loadStatements } from '../../src/zk/verify/verify.js';
import type { Participant } from './population.js';
import { PORTAL_STUDY } from './queries.js';

/** The root that both hospitals' ledger anchored. */
export const ROOT = 7n;
/** The first of a ledger that has anchored one root. */
const EPOCH = 1;
const DAY_SECONDS = 86_400;

/** A permit over every class and all time for each participant. */
export function permitsOf(participants: readonly Participant[]): readonly Permit[] {
  return participants.map(({ pseudonym }) => ({
    study: toStudyId(PORTAL_STUDY),
    pseudonym,
    handle: String(fieldOf(`handle ${pseudonym}`)),
    purpose: 'HRESCH' as const,
    dataClasses: RECORD_CLASSES,
    labels: [],
    dataWindow: { from: 0, until: NO_END_SECONDS },
    expires: systemClock.nowSeconds() + DAY_SECONDS,
  }));
}

/**
 * Stores what the gate would have stored of proofs over those permits: a row each. Proving a thousand
 * consents takes most of an hour, and how long verifying takes is what bench/zk.ts measures.
 */
export async function presentAll(
  db: Database,
  holder: string,
  permits: readonly Permit[],
): Promise<void> {
  const now = systemClock.nowSeconds();
  const { consent: keyHash } = await loadStatements({
    production: false,
    allowDevelopmentKeys: true,
  });
  const rows = permits.map((permit) => ({
    id: sha256Hex(`bench ${permit.handle}`),
    statement: 'consent' as const,
    holder,
    study: permit.study,
    nym: permit.pseudonym,
    handle: permit.handle,
    purpose: permit.purpose,
    dataClasses: permit.dataClasses,
    labels: permit.labels,
    duties: [],
    windowFrom: permit.dataWindow.from,
    windowUntil: permit.dataWindow.until,
    role: null,
    party: '',
    root: ROOT.toString(),
    epoch: EPOCH,
    keyHash,
    asOf: now,
    expires: permit.expires,
    presentedAt: now,
  }));
  await db.transaction(async (tx) => {
    for (let start = 0; start < rows.length; start += 1_000) {
      await tx.insert(presentation).values(rows.slice(start, start + 1_000));
    }
  });
}
