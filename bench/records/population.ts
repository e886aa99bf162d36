import { sql } from 'drizzle-orm';
import { addStudy } from '../../src/consent/registration/study.js';
import { researchSubject } from '../../src/consent/tables/table-study.js';
import {
  type InstitutionId,
  type Pseudonym,
  toInstitutionId,
  toPseudonym,
  toStudyId,
} from '../../src/core/ids.js';
import { importBundle } from '../../src/records/import/import-bundle.js';
import { generateHospitals } from '../../src/records/seed/hospitals.js';
import { type Database, rowsOf } from '../../src/store/database.js';
import { seedLots } from '../../src/supply/seed.js';
import { fieldOf } from '../../src/zk/arithmetic/field.js';
import { PORTAL_STUDY } from './queries.js';

/** Days that all charts end at: the queries name dates. */
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const SEED = 20_261_123;
/** People whose charts are generated and imported; the others are copies of theirs under other ids. */
const DISTINCT_PEOPLE = 200;

/** A participant of the study, and whose chart each hospital has of them. */
export interface Participant {
  readonly pseudonym: Pseudonym;
  readonly patientIds: ReadonlyMap<InstitutionId, string>;
}

/**
 * Fills both hospitals with that many patients each, and links the participants of the study at both.
 *
 * Charts come from the generator through the importer; further people are copies in SQL, because the
 * importer is measured elsewhere. What answers are read from is copied, not the whole resources.
 */
export async function populate(
  hospitals: ReadonlyMap<InstitutionId, Database>,
  options: { readonly patients: number; readonly participants: number },
): Promise<readonly Participant[]> {
  const shared = await importCharts(hospitals);
  for (const db of hospitals.values()) await copyPatients(db, options.patients);
  const copies = Math.ceil(options.participants / shared.length);
  const participants: Participant[] = [];
  for (let copy = 0; copy < copies; copy += 1) {
    for (const [index, patientIds] of shared.entries()) {
      const pseudonym = toPseudonym(String(fieldOf(`bench participant ${index} ${copy}`)));
      const ids = [...patientIds].map(([id, patientId]) => [id, copyId(patientId, copy)] as const);
      participants.push({ pseudonym, patientIds: new Map(ids) });
    }
  }
  const linked = participants.slice(0, options.participants);
  for (const [institution, db] of hospitals) await link(db, institution, linked);
  return linked;
}

async function importCharts(hospitals: ReadonlyMap<InstitutionId, Database>) {
  const ids = [...hospitals.keys()] as [InstitutionId, ...InstitutionId[]];
  const shared = new Map<number, ReadonlyMap<InstitutionId, string>>();
  const options = {
    seed: SEED,
    people: DISTINCT_PEOPLE,
    hospitals: ids,
    sharedFraction: 1,
    now: NOW_MS,
    lots: seedLots({ seed: SEED, nowMs: NOW_MS }),
  };
  for (const { institution, bundle, person } of generateHospitals(options)) {
    const db = hospitals.get(institution);
    if (db === undefined) throw new Error('a chart of no hospital');
    const { refused } = await importBundle(db, bundle, { source: 'bench' });
    if (refused.length > 0) throw new Error(`refused: ${refused[0]?.detail}`);
    shared.set(person.index, person.patientIds);
  }
  return [...shared.values()];
}

function copyId(id: string, copy: number): string {
  return copy === 0 ? id : `${id}.${copy}`;
}

/** Copies every patient and record under ids of their own until there are that many patients. */
async function copyPatients(db: Database, patients: number): Promise<void> {
  await db.transaction(async (tx) => {
    const [{ count } = { count: 0 }] = rowsOf<{ count: number }>(
      await tx.execute(sql`SELECT count(*)::int AS count FROM patient`),
    );
    const copies = Math.ceil(patients / count) - 1;
    for (const [table, columns] of [
      ['patient', ['id']],
      ['clinical_record', ['id', 'patient_id']],
    ] as const) {
      const all = rowsOf<{ name: string }>(
        await tx.execute(sql`SELECT column_name AS name FROM information_schema.columns
          WHERE table_schema = ${db.schema} AND table_name = ${table} ORDER BY ordinal_position`),
      ).map(({ name }) => name);
      const values = all.map((name) =>
        (columns as readonly string[]).includes(name)
          ? sql`row.${sql.identifier(name)} || '.' || copy`
          : sql`row.${sql.identifier(name)}`,
      );
      const names = all.map((name) => sql.identifier(name));
      await tx.execute(sql`INSERT INTO ${sql.identifier(table)} (${sql.join(names, sql`, `)})
        SELECT ${sql.join(values, sql`, `)} FROM ${sql.identifier(table)} AS row,
          generate_series(1, ${copies}::int) AS copy`);
    }
  });
  await db.transaction((tx) => tx.execute(sql`ANALYZE patient, clinical_record`));
}

async function link(
  db: Database,
  institution: InstitutionId,
  participants: readonly Participant[],
): Promise<void> {
  const study = toStudyId(PORTAL_STUDY);
  const rows = participants.flatMap(({ pseudonym, patientIds }) => {
    const patientId = patientIds.get(institution);
    return patientId === undefined ? [] : [{ study, pseudonym, patientId, linkedAt: 0 }];
  });
  await db.transaction(async (tx) => {
    const sponsor = toInstitutionId('northwind-trials');
    await addStudy(tx, { network: 'pilot', id: study, sponsor, title: 'A study' });
    await tx.insert(researchSubject).values(rows);
    await tx.execute(sql`ANALYZE research_subject`);
  });
}
