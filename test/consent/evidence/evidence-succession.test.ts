import { asc } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { acceptRestored } from '../../../src/consent/anchoring/restored.js';
import { auditInstitution, type EvidencePeers } from '../../../src/consent/evidence/audit.js';
import { createAudit } from '../../../src/consent/evidence/audit-all.js';
import { openDigest, proveConsistency } from '../../../src/consent/evidence/serve.js';
import { ownSuccession, type SignedSuccession } from '../../../src/consent/evidence/succession.js';
import {
  evidenceEntry,
  evidenceGap,
  evidenceHead,
  evidenceSeen,
  evidenceSeenTree,
  evidenceTile,
} from '../../../src/consent/tables/table-evidence.js';
import { feedDigest, restoreAccepted } from '../../../src/consent/tables/table-feed.js';
import type { Bytes32 } from '../../../src/core/bytes32.js';
import type { EvidenceLog } from '../../../src/core/evidence/evidence.js';
import { anchor, append } from '../../support/consent/evidence-log.js';
import { openFeedNetwork } from '../../support/consent/feed-network.js';
import { silentLog } from '../../support/ledger/small-network.js';

const SPONSOR = 'northwind-trials';
const AUDITOR = 'riverside-hospital';
const network = await openFeedNetwork(SPONSOR, AUDITOR);
const TABLES = [
  ...[evidenceEntry, evidenceTile, evidenceHead, evidenceSeen, evidenceSeenTree, evidenceGap],
  ...[feedDigest, restoreAccepted],
];
/** What the sponsor signs in place of its succession. */
let told: ((truth: SignedSuccession) => unknown) | undefined;

beforeEach(async () => {
  for (const id of [SPONSOR, AUDITOR]) {
    await network.feedOf(id).db.transaction(async (tx) => {
      for (const table of TABLES) await tx.delete(table);
    });
  }
  for (const [slot, listed] of network.institutions.entries()) {
    network.institutions[slot] = { ...listed, term: 1, anchors: 0, lastAnchor: undefined };
  }
  told = undefined;
});
afterAll(() => network.close());

const db = () => network.feedOf(SPONSOR).db;

const peers: EvidencePeers = {
  fetchEvidence: async (_from, path) => {
    const url = new URL(path, 'http://node');
    const [, , second, third] = url.pathname.split('/');
    if (second === 'digest') return overTheWire(await openDigest(db(), third as Bytes32));
    if (second === 'succession') {
      const truth = await ownSuccession(network.feedOf(SPONSOR));
      return overTheWire(told?.(truth) ?? truth);
    }
    const sizes = {
      first: Number(url.searchParams.get('first')),
      second: Number(url.searchParams.get('second')),
    };
    return overTheWire(await proveConsistency(db(), second as EvidenceLog, sizes));
  },
};
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function listedSponsor() {
  const listed = network.institutions.find(({ id }) => id === SPONSOR);
  if (listed === undefined) throw new RangeError(SPONSOR);
  return listed;
}
const audit = () => auditInstitution(network.feedOf(AUDITOR), peers, listedSponsor());

/** As the institutions' vote on its keys leaves the ledger. */
function renewKeys(): void {
  const slot = network.institutions.findIndex(({ id }) => id === SPONSOR);
  const listed = listedSponsor();
  network.institutions[slot] = { ...listed, term: listed.term + 1 };
}

type Kept = Awaited<ReturnType<typeof backUp>>;

async function backUp() {
  return db().transaction(async (tx) => ({
    entries: await tx.select().from(evidenceEntry).orderBy(asc(evidenceEntry.id)),
    tiles: await tx.select().from(evidenceTile),
    heads: await tx.select().from(evidenceHead),
    digests: await tx.select().from(feedDigest),
  }));
}

/** Puts a backup back, and accepts that it is older than the ledger. */
async function restore({ entries, tiles, heads, digests }: Kept): Promise<void> {
  await db().transaction(async (tx) => {
    for (const table of [evidenceEntry, evidenceTile, evidenceHead, feedDigest]) {
      await tx.delete(table);
    }
    if (entries.length > 0) await tx.insert(evidenceEntry).values(entries);
    if (tiles.length > 0) await tx.insert(evidenceTile).values(tiles);
    if (heads.length > 0) await tx.insert(evidenceHead).values(heads);
    if (digests.length > 0) await tx.insert(feedDigest).values(digests);
  });
  await acceptRestored(db(), listedSponsor(), 1);
}

/** Two entries seen and backed up, two more seen and lost, and a backup that goes on. */
async function loseTwo(): Promise<void> {
  await append(network, SPONSOR, 1, 2);
  await anchor(network, SPONSOR);
  await audit();
  const kept = await backUp();
  await append(network, SPONSOR, 3, 4);
  await anchor(network, SPONSOR);
  await audit();
  await restore(kept);
  await append(network, SPONSOR, 5);
  await anchor(network, SPONSOR);
}

const INCONSISTENT = expect.objectContaining({ code: 'EVIDENCE_INCONSISTENT' });
const GAP = { institution: SPONSOR, log: 'RECORDS', term: 2, kept: 2, ended: 4 };

describe('a log that begins again from a backup', () => {
  test('is named inconsistent until governance has renewed the keys, and its gap for ever', async () => {
    await loseTwo();
    await expect(audit()).rejects.toThrow(INCONSISTENT);
    renewKeys();
    const audits = await createAudit(network.feedOf(AUDITOR), { peers, log: silentLog });
    expect(audits.health().inconsistent).toEqual([SPONSOR]);
    expect(await audits.auditNow()).toEqual({ inconsistent: [], unaudited: [], gaps: [GAP] });
    await append(network, SPONSOR, 6, 7, 8);
    await anchor(network, SPONSOR);
    expect(await audits.auditNow()).toEqual({ inconsistent: [], unaudited: [], gaps: [GAP] });
    const restarted = await createAudit(network.feedOf(AUDITOR), { peers, log: silentLog });
    expect(restarted.health().gaps).toEqual([GAP]);
  });

  test('is refused where the keys are those of before: a thief of them cuts no log short', async () => {
    await loseTwo();
    await expect(audit()).rejects.toThrow(INCONSISTENT);
    told = (truth) => ({ ...truth, term: 2 });
    await expect(audit()).rejects.toThrow(INCONSISTENT);
  });

  test('is refused if another than the institution signed it, or for another term', async () => {
    await loseTwo();
    renewKeys();
    const auditor = network.feedOf(AUDITOR);
    const forged = await auditor.keys.sign(`0x${'1'.repeat(64)}`);
    for (const lie of [{ signature: forged }, { term: 1 }, { institution: AUDITOR }, { kept: 2 }]) {
      told = (truth) => ({ ...truth, ...lie });
      await expect(audit()).rejects.toThrow(INCONSISTENT);
    }
    told = (truth) => ({ ...truth, kept: { ...truth.kept, RECORDS: 1 } });
    await expect(audit()).rejects.toThrow(INCONSISTENT);
  });

  test('is refused if it rewrote what was seen of the entries that it kept', async () => {
    await append(network, SPONSOR, 1, 2);
    await anchor(network, SPONSOR);
    await audit();
    const kept = await backUp();
    await append(network, SPONSOR, 3, 4);
    await anchor(network, SPONSOR);
    await audit();
    const [first, second] = kept.entries;
    const rewritten = [second, first].flatMap((entry, position) =>
      entry === undefined ? [] : [{ ...entry, id: position + 1, position: null }],
    );
    await restore({ ...kept, entries: rewritten, tiles: [], heads: [] });
    await db().transaction((tx) => tx.update(restoreAccepted).set({ records: 2 }));
    await append(network, SPONSOR, 5);
    await anchor(network, SPONSOR);
    renewKeys();
    await expect(audit()).rejects.toThrow(INCONSISTENT);
  });

  test('begins once in a term: a second loss needs another vote', async () => {
    await loseTwo();
    renewKeys();
    expect(await audit()).toEqual([GAP]);
    const kept = await backUp();
    await append(network, SPONSOR, 6);
    await anchor(network, SPONSOR);
    await audit();
    await restore(kept);
    await append(network, SPONSOR, 7);
    await anchor(network, SPONSOR);
    await expect(audit()).rejects.toThrow(INCONSISTENT);
    renewKeys();
    expect(await audit()).toEqual([{ ...GAP, term: 3, kept: 3, ended: 4 }]);
  });
});
