/**
 * What the evidence log costs: appends through the database in requests of `BATCH` entries, as an
 * import makes them; sealing what an interval brought; proofs of single records. Beside the appends,
 * the same INSERT without hashing: the ratio is what the log itself costs.
 *
 * Run: npx tsx bench/evidence.ts [--json] [--entries 20000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'drizzle-orm';
import { checkRecord } from '../src/client/evidence/check.js';
import { digestOf, randomPad, ZERO_HEAD } from '../src/consent/base/digest.js';
import { appendEvidence } from '../src/consent/evidence/append.js';
import { createProver } from '../src/consent/evidence/prove.js';
import { sealLog } from '../src/consent/evidence/seal.js';
import { feedDigest } from '../src/consent/tables/table-feed.js';
import type { Bytes32 } from '../src/core/bytes32.js';
import { type EvidencePart, partsOf } from '../src/core/evidence/evidence.js';
import { toInstitutionId } from '../src/core/ids.js';
import type { LedgerInstitution } from '../src/ledger/read/read.js';
import type { Database, DatabaseServer } from '../src/store/database.js';
import { openPglite } from '../src/store/pglite.js';
import { openPostgres } from '../src/store/postgres.js';
import { HAS_POSTGRES, startPostgres } from '../test/support/store/postgres-server.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, entries: { type: 'string', default: '20000' } },
});
const ENTRIES = Number(values.entries);
/** Entries of one request: a page of participants with three classes each, or a shipment's events. */
const BATCH = 100;
/** Requests at a time, as a busy node has them. */
const CONNECTIONS = 4;
const PROOFS = 200;
const INSTITUTION = toInstitutionId('helix-pharma');

interface Figures {
  readonly appendsPerSecond: number;
  /** Entries given their place and hashed into the tree. */
  readonly sealPerSecond: number;
  readonly proofMs: number;
  readonly entries: number;
  /** Processor time of this process for one append; on PGlite the database's too. */
  readonly appendCpuUs: number;
  /** Against INSERTs of the same rows that hash nothing; 1 would be free. */
  readonly appendRatio: number;
}

/** A supply event with a few packs: eleven parts. */
const partsOfEvent = (i: number): EvidencePart[] =>
  partsOf(
    {
      id: `urn:uuid:${i}`,
      type: 'ObjectEvent',
      action: 'OBSERVE',
      bizStep: 'shipping',
      disposition: 'in_transit',
      readPoint: 'urn:epc:id:sgln:0614141.00777.0',
      eventTime: '2026-05-01T10:00:00.000Z',
      declaredInError: null,
      epcs: [1, 2, 3].map((n) => `https://id.gs1.org/01/10614141073464/21/${i}${n}`),
    },
    ['epcs'],
  );

async function perSecond(total: number, work: (batch: number) => Promise<void>): Promise<number> {
  const batches = Math.ceil(total / BATCH);
  let next = 0;
  const from = performance.now();
  const connection = async () => {
    while (next < batches) await work(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return (batches * BATCH * 1000) / (performance.now() - from);
}

async function measure(server: DatabaseServer): Promise<Figures> {
  const db = await server.open(INSTITUTION);
  const leaves = new Map<number, Bytes32>();
  const placesIn = (batch: number) => Array.from({ length: BATCH }, (_, i) => batch * BATCH + i);
  const cpuFrom = process.cpuUsage();
  const appendsPerSecond = await perSecond(ENTRIES, (batch) =>
    db.transaction(async (tx) => {
      const places = placesIn(batch);
      const appended = await appendEvidence(tx, 'SUPPLY_EVENT', places.map(partsOfEvent));
      appended.forEach((leaf, i) => {
        leaves.set(places[i] ?? 0, leaf);
      });
    }),
  );
  const cpu = process.cpuUsage(cpuFrom);
  const plainPerSecond = await perSecond(ENTRIES, (batch) => insertPlain(db, placesIn(batch)));
  await db.transaction((tx) => tx.execute(sql`DELETE FROM evidence_entry WHERE kind = 'PLAIN'`));
  const from = performance.now();
  const head = await db.transaction((tx) => sealLog(tx, 'RECORDS'));
  const sealPerSecond = (leaves.size * 1000) / (performance.now() - from);
  return {
    appendsPerSecond: Math.round(appendsPerSecond),
    sealPerSecond: Math.round(sealPerSecond),
    proofMs: await proofMs(db, head, leaves),
    entries: leaves.size,
    appendCpuUs: Math.round((cpu.user + cpu.system) / leaves.size),
    appendRatio: Number((appendsPerSecond / plainPerSecond).toFixed(2)),
  };
}

/** The same rows in the same statement, with hashes made up beforehand. */
async function insertPlain(db: Database, places: readonly number[]): Promise<void> {
  const rows = places.map((place) => {
    const hash = `0x${place.toString(16).padStart(64, '0')}`;
    return { leaf: hash, salt: hash };
  });
  await db.transaction((tx) =>
    tx.execute(sql`
      INSERT INTO evidence_entry (log, kind, leaf, salt)
      SELECT 'PLAIN', 'PLAIN', leaf, salt
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS appended(leaf text, salt text)`),
  );
}

/** One record at a time, each proof checked: the clock runs for the making alone. */
async function proofMs(
  db: Database,
  head: Bytes32,
  leaves: ReadonlyMap<number, Bytes32>,
): Promise<number> {
  const heads = { feedHead: ZERO_HEAD, disclosureHead: ZERO_HEAD, evidenceHead: head };
  const anchor = { chainId: 1, contract: `0x${'1'.repeat(40)}`, slot: 0, round: 0 };
  const preimage = { ...anchor, ...heads, pad: randomPad() };
  const digest = digestOf(preimage);
  await db.transaction((tx) =>
    tx.insert(feedDigest).values({ number: 1, digest, at: 0, ...preimage }),
  );
  const lastAnchor = { digest, epoch: 1, shardRoot: 1n, anchoredAt: 0 };
  const listed = { id: INSTITUTION, slot: 0, lastAnchor } as unknown as LedgerInstitution;
  const ledger = () => ({ chainId: 1, contract: '0x1' as const, institutions: [listed] });
  const prove = createProver({ db, institution: INSTITUTION, ledger });
  let spentMs = 0;
  for (let i = 0; i < PROOFS; i += 1) {
    const place = (i * 7_919) % leaves.size;
    const from = performance.now();
    const [proven] = await prove([{ leaf: leaves.get(place) ?? null, parts: partsOfEvent(place) }]);
    spentMs += performance.now() - from;
    if (!proven) throw new Error('sealed entries are proven');
    checkRecord({ id: `urn:uuid:${place}` }, proven);
  }
  return Number((spentMs / PROOFS).toFixed(2));
}

async function onPglite(): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const server = await openPglite({ directory });
  try {
    return await measure(server);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function onPostgres(): Promise<Figures> {
  const postgres = await startPostgres();
  const server = await openPostgres({ url: postgres.url });
  try {
    return await measure(server);
  } finally {
    await server.close();
    await postgres.stop();
  }
}

function print(engine: string, figures: Figures): void {
  const { appendsPerSecond, sealPerSecond, proofMs: ms, entries, appendRatio } = figures;
  const cpu = `${figures.appendCpuUs} us of processor each`;
  process.stdout.write(
    `${engine.padEnd(10)} ${entries} entries: ${appendsPerSecond} appends/s (${cpu}; ${appendRatio} of a ` +
      `plain INSERT), ${sealPerSecond} sealed/s, ${ms} ms a proof\n`,
  );
}

const pglite = await onPglite();
print('PGlite', pglite);
const postgres = HAS_POSTGRES ? await onPostgres() : undefined;
if (postgres !== undefined) print('PostgreSQL', postgres);
if (values.json) process.stdout.write(`${JSON.stringify({ ...pglite, postgres })}\n`);
