import { asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { auditInstitution, type EvidencePeers } from '../../../src/consent/evidence/audit.js';
import { createAudit } from '../../../src/consent/evidence/audit-all.js';
import { openDigest, proveConsistency } from '../../../src/consent/evidence/serve.js';
import {
  evidenceEntry,
  evidenceHead,
  evidenceSeen,
  evidenceSeenTree,
  evidenceTile,
} from '../../../src/consent/tables/table-evidence.js';
import type { Bytes32 } from '../../../src/core/bytes32.js';
import { DomainError } from '../../../src/core/errors.js';
import type { EvidenceLog } from '../../../src/core/evidence/evidence.js';
import { anchor, append } from '../../support/consent/evidence-log.js';
import { openFeedNetwork } from '../../support/consent/feed-network.js';
import { silentLog } from '../../support/ledger/small-network.js';

const SPONSOR = 'northwind-trials';
const AUDITOR = 'riverside-hospital';
const TABLES = [evidenceEntry, evidenceTile, evidenceHead, evidenceSeen, evidenceSeenTree];
const network = await openFeedNetwork(SPONSOR, AUDITOR);
/** What an institution answers in place of the truth. */
let lie: ((path: string, truth: unknown) => unknown) | undefined;

/** One database for all of them, because opening one takes longer than the rest together. */
beforeEach(async () => {
  for (const id of [SPONSOR, AUDITOR]) {
    await network.feedOf(id).db.transaction(async (tx) => {
      for (const table of TABLES) await tx.delete(table);
    });
  }
  for (const [slot, listed] of network.institutions.entries()) {
    network.institutions[slot] = { ...listed, anchors: 0, lastAnchor: undefined };
  }
  network.silent.clear();
  lie = undefined;
});
afterAll(() => network.close());

const db = () => network.feedOf(SPONSOR).db;

/** The routes' answers without HTTP between: routes.test.ts asks them over it. */
const peers: EvidencePeers = {
  fetchEvidence: async (from, path) => {
    if (network.silent.has(from)) throw new DomainError('SOURCE_FAILED', { institution: from });
    const truth = await answerTo(from, path);
    return JSON.parse(JSON.stringify(lie?.(path, truth) ?? truth));
  },
};

function answerTo(from: string, path: string): Promise<unknown> {
  const url = new URL(path, 'http://node');
  const [, , second, third] = url.pathname.split('/');
  const own = network.feedOf(from).db;
  if (second === 'digest') return openDigest(own, third as Bytes32);
  const sizes = {
    first: Number(url.searchParams.get('first')),
    second: Number(url.searchParams.get('second')),
  };
  return proveConsistency(own, second as EvidenceLog, sizes);
}

function audit() {
  const institution = network.institutions.find(({ id }) => id === SPONSOR);
  if (institution === undefined) throw new RangeError(SPONSOR);
  return auditInstitution(network.feedOf(AUDITOR), peers, institution);
}

const named = (facts: object) =>
  expect.objectContaining({
    code: 'EVIDENCE_INCONSISTENT',
    facts: expect.objectContaining({ institution: SPONSOR, ...facts }),
  });

/**
 * What a dishonest operator does to its own database: forgets the tree, keeps the entries it likes
 * in the order it likes, and lets the software build an honest-looking log over them.
 */
async function rebuild(change: (leaves: Bytes32[]) => Bytes32[]): Promise<void> {
  await db().transaction(async (tx) => {
    const entries = await tx.select().from(evidenceEntry).orderBy(asc(evidenceEntry.position));
    const log = 'RECORDS';
    await tx.delete(evidenceTile);
    await tx.delete(evidenceHead);
    await tx.delete(evidenceEntry);
    for (const leaf of change(entries.map((entry) => entry.leaf))) {
      await tx.insert(evidenceEntry).values({ log, kind: 'TRIAL', leaf, salt: leaf });
    }
  });
}

describe('an auditor', () => {
  test('finds nothing wrong with a log that grows, or stands still', async () => {
    await audit();
    await anchor(network, SPONSOR);
    await audit();
    for (const count of [1, 6, 0, 300]) {
      await append(network, SPONSOR, ...Array.from({ length: count }, (_, i) => i));
      await anchor(network, SPONSOR);
      await expect(audit()).resolves.toEqual([]);
    }
  });

  test('asks nothing about an anchor that it has held against the log already', async () => {
    await append(network, SPONSOR, 1);
    await anchor(network, SPONSOR);
    await audit();
    lie = () => ({ anything: 'else' });
    await expect(audit()).resolves.toEqual([]);
  });

  test.each<[string, (leaves: Bytes32[]) => Bytes32[]]>([
    ['drops its last entries', (leaves) => leaves.slice(0, -2)],
    ['drops an entry and appends others', (leaves) => [...leaves.slice(1), ...leaves.slice(0, 1)]],
    ['reorders two entries', ([first, second, ...others]) => swap(first, second, others)],
    [
      'rewrites an entry',
      (leaves) => [...leaves.slice(0, 2), `0x${'a'.repeat(64)}`, ...leaves.slice(3)],
    ],
    ['drops all', () => []],
  ])('names an institution that %s', async (_what, change) => {
    await append(network, SPONSOR, 1, 2, 3, 4, 5);
    await anchor(network, SPONSOR);
    await audit();
    await rebuild(change);
    await anchor(network, SPONSOR);
    await expect(audit()).rejects.toThrow(named({ log: 'RECORDS', seen: 5 }));
    // A longer log over the same fault does not mend it, and neither does asking again.
    await append(network, SPONSOR, 6, 7, 8);
    await anchor(network, SPONSOR);
    await expect(audit()).rejects.toThrow(named({ log: 'RECORDS', seen: 5 }));
  });

  test('names an institution that opens another log than it anchored', async () => {
    await append(network, SPONSOR, 1);
    await anchor(network, SPONSOR);
    lie = (_path, truth) => {
      const { digest, heads } = truth as { digest: object; heads: Record<string, object> };
      return { digest, heads: { ...heads, RECORDS: { ...heads.RECORDS, size: 2 } } };
    };
    await expect(audit()).rejects.toThrow(named({ check: 'digest' }));
    lie = (_path, truth) => ({ ...(truth as object), digest: { pad: `0x${'0'.repeat(64)}` } });
    await expect(audit()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  });

  test('names an institution whose proof between two logs is made up', async () => {
    await append(network, SPONSOR, 1, 2, 3);
    await anchor(network, SPONSOR);
    await audit();
    await append(network, SPONSOR, 4, 5);
    await anchor(network, SPONSOR);
    lie = (path, truth) => (path.includes('consistency') ? { path: [] } : truth);
    await expect(audit()).rejects.toThrow(named({ log: 'RECORDS', seen: 3, found: 5 }));
    lie = undefined;
    await expect(audit()).resolves.toEqual([]);
  });
});

describe('the audits of a node', () => {
  const createAudits = () => createAudit(network.feedOf(AUDITOR), { peers, log: silentLog });

  test('name the institution at fault until it shows the log it had, over a restart too', async () => {
    await append(network, SPONSOR, 1, 2, 3);
    await anchor(network, SPONSOR);
    const first = await createAudits();
    expect(await first.auditNow()).toMatchObject({ inconsistent: [], unaudited: [] });
    const kept = await db().transaction((tx) => tx.select().from(evidenceEntry), 'read');
    await rebuild((leaves) => leaves.slice(1));
    await anchor(network, SPONSOR);
    expect(await first.auditNow()).toMatchObject({ inconsistent: [SPONSOR], unaudited: [] });
    network.silent.add(network.feedOf(SPONSOR).institution);
    const restarted = await createAudits();
    expect(restarted.health().inconsistent).toEqual([SPONSOR]);
    expect(await restarted.auditNow()).toMatchObject({
      inconsistent: [SPONSOR],
      unaudited: [SPONSOR],
    });
    network.silent.clear();
    await rebuild(() => kept.sort((a, b) => a.id - b.id).map(({ leaf }) => leaf));
    await anchor(network, SPONSOR);
    expect(await restarted.auditNow()).toMatchObject({ inconsistent: [], unaudited: [] });
  });

  test('say of a silent institution that nothing is known, not that it is at fault', async () => {
    await anchor(network, SPONSOR);
    network.silent.add(network.feedOf(SPONSOR).institution);
    const audits = await createAudits();
    expect(await audits.auditNow()).toMatchObject({ inconsistent: [], unaudited: [SPONSOR] });
  });

  test('remember one tree a log of each institution, however often it anchors', async () => {
    const audits = await createAudits();
    for (const count of [1, 2, 3]) {
      await append(network, SPONSOR, count);
      await anchor(network, SPONSOR);
      await audits.auditNow();
    }
    const seen = await network
      .feedOf(AUDITOR)
      .db.transaction((tx) =>
        tx.execute(sql`SELECT log, size::int FROM evidence_seen WHERE institution = ${SPONSOR}`),
      );
    expect((seen as unknown as { rows: unknown[] }).rows).toEqual(
      expect.arrayContaining([
        { log: 'RECORDS', size: 3 },
        { log: 'DISCLOSURES', size: 0 },
      ]),
    );
  });
});

describe('a log restored from an old backup', () => {
  test('is refused until its entries are back, because it has dropped them', async () => {
    const [first] = await append(network, SPONSOR, 1);
    await append(network, SPONSOR, 2);
    await anchor(network, SPONSOR);
    await audit();
    await db().transaction((tx) =>
      tx.delete(evidenceEntry).where(eq(evidenceEntry.leaf, first ?? '0x')),
    );
    await rebuild((leaves) => leaves);
    await anchor(network, SPONSOR);
    await expect(audit()).rejects.toThrow(named({ seen: 2, found: 1 }));
  });
});

function swap<T>(first: T | undefined, second: T | undefined, others: readonly T[]): T[] {
  return [second, first, ...others].filter((item) => item !== undefined);
}
