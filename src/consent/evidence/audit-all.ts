import { Backoff } from '../../core/backoff.js';
import { codeOf } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import { type Repeated, repeatAtCadence } from '../base/repeat-at-cadence.js';
import type { Feed } from '../feed/feed.js';
import { activeInstitutions } from '../feed/sync.js';
import { auditInstitution, type EvidencePeers, inconsistentInstitutions } from './audit.js';
import { type EvidenceGap, evidenceGaps } from './gap.js';

/** What this node knows of the others' logs. Both lists are in id order. */
export interface AuditHealth {
  /** Their logs did not continue what this node had seen of them, and have not since. */
  readonly inconsistent: readonly InstitutionId[];
  /** They did not answer the last time: nothing is known of what they anchored since. */
  readonly unaudited: readonly InstitutionId[];
  /** Logs that ended and began again behind entries now lost; named for ever. */
  readonly gaps: readonly EvidenceGap[];
}

/** Audits of all other institutions, again and again. */
export interface Audit {
  /** Audits every active institution's logs as they are anchored now, once. */
  auditNow(): Promise<AuditHealth>;
  /** Again and again; one that failed or lied is audited ever more seldom, up to every ten minutes. */
  start(everyMs: number): Repeated;
  health(): AuditHealth;
}

const FIRST_WAIT_MS = 5_000;
const MAX_WAIT_MS = 600_000;

/**
 * Makes a node's auditing. Institutions that were found at fault are still named after a restart.
 */
export async function createAudit(
  feed: Feed,
  { peers, log }: { readonly peers: EvidencePeers; readonly log: Logger },
): Promise<Audit> {
  const inconsistent = new Set(await inconsistentInstitutions(feed));
  const gaps = [...(await evidenceGaps(feed))];
  const unaudited = new Set<InstitutionId>();
  const backoff = new Backoff({ firstMs: FIRST_WAIT_MS, mostMs: MAX_WAIT_MS });
  const health = (): AuditHealth => ({
    inconsistent: [...inconsistent].sort(),
    unaudited: [...unaudited].sort(),
    gaps: [...gaps],
  });

  async function auditOne(of: LedgerInstitution): Promise<void> {
    const { id } = of;
    try {
      for (const gap of await auditInstitution(feed, peers, of)) {
        gaps.push(gap);
        log.error(gap, 'an evidence log ended, and a new one begins without its last entries');
      }
      backoff.succeeded(id);
      inconsistent.delete(id);
      unaudited.delete(id);
    } catch (thrown) {
      backoff.failed(id);
      const code = codeOf(thrown);
      if (code === 'EVIDENCE_INCONSISTENT') {
        inconsistent.add(id);
        unaudited.delete(id);
        log.error({ code, institution: id }, 'an evidence log does not continue what was seen');
      } else {
        // Silence is no fault, but it clears nobody either.
        unaudited.add(id);
        log.debug({ code, institution: id }, 'evidence log not audited');
      }
    }
  }

  async function auditNow(): Promise<AuditHealth> {
    await Promise.all(activeInstitutions(feed).map(auditOne));
    return health();
  }

  async function auditDue(): Promise<void> {
    const due = activeInstitutions(feed).filter(({ id }) => backoff.isDue(id));
    await Promise.all(due.map(auditOne));
  }

  const start = (everyMs: number) =>
    repeatAtCadence({
      everyMs,
      work: auditDue,
      onError: (thrown) => log.warn({ code: codeOf(thrown) }, 'evidence logs not audited'),
    });
  return { auditNow, start, health };
}
