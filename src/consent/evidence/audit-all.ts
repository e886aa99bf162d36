import { codeOf } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { Feed } from '../feed/feed.js';
import { type Repeated, repeat } from '../register/repeat.js';
import { auditInstitution, type EvidencePeers, inconsistentInstitutions } from './audit.js';

/** What this node knows of the others' logs. Both lists are in id order. */
export interface AuditHealth {
  /** Their logs did not continue what this node had seen of them, and have not since. */
  readonly inconsistent: readonly InstitutionId[];
  /** They did not answer the last time: nothing is known of what they anchored since. */
  readonly unaudited: readonly InstitutionId[];
}

/** Audits of all other institutions, again and again. */
export interface Audit {
  /** Audits every active institution's logs as they are anchored now, once. */
  auditNow(): Promise<AuditHealth>;
  start(everyMs: number): Repeated;
  health(): AuditHealth;
}

/** Makes a node's auditing. Whoever was named before a restart is named after it. */
export async function createAudit(
  feed: Feed,
  { peers, log }: { readonly peers: EvidencePeers; readonly log: Logger },
): Promise<Audit> {
  const inconsistent = new Set(await inconsistentInstitutions(feed));
  const unaudited = new Set<InstitutionId>();
  const health = (): AuditHealth => ({
    inconsistent: [...inconsistent].sort(),
    unaudited: [...unaudited].sort(),
  });

  async function auditOne(id: InstitutionId, work: Promise<void>): Promise<void> {
    try {
      await work;
      inconsistent.delete(id);
      unaudited.delete(id);
    } catch (thrown) {
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
    const active = feed.ledger().institutions.filter(({ status }) => status === 'ACTIVE');
    await Promise.all(active.map((of) => auditOne(of.id, auditInstitution(feed, peers, of))));
    return health();
  }

  const start = (everyMs: number) =>
    repeat({
      everyMs,
      work: async () => void (await auditNow()),
      onError: (thrown) => log.warn({ code: codeOf(thrown) }, 'evidence logs not audited'),
    });
  return { auditNow, start, health };
}
