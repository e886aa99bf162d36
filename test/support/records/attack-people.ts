import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import { KIND_NAMES } from '../../../src/records/kinds/kinds.js';
import type { Database } from '../../../src/store/database.js';
import { OTHER_STUDY, STUDY } from '../names.js';
import { collection, labelled, patient } from './clinic.js';
import { sampleOf } from './kind-samples.js';
import { PSEUDONYM } from './proven-consent.js';

/** Someone within a study, as a requester names them. */
export interface Whom {
  readonly study: string;
  readonly pseudonym: string;
}

/** A patient of Riverside, whose consent is proven; in the other study under another name. */
export const ANA: Whom = { study: STUDY, pseudonym: PSEUDONYM };
export const ANA_ELSEWHERE: Whom = { study: OTHER_STUDY, pseudonym: '2001' };
/** A patient of both hospitals. */
export const BEN: Whom = { study: STUDY, pseudonym: '1002' };
/** A patient of Riverside with two rows of each kind, all labelled. */
export const CLEO: Whom = { study: STUDY, pseudonym: '1003' };
/** A patient of Riverside without any row. */
export const DORA: Whom = { study: STUDY, pseudonym: '1004' };
/** As long as Ana's, and nobody's. */
export const NOBODY: Whom = { study: STUDY, pseudonym: `9${PSEUDONYM.slice(1)}` };

/** The day by which all rows are told. */
export const DAY_OF_ROWS = '2024-05-06';

const PEOPLE = [
  { whom: [ANA, ANA_ELSEWHERE], id: 'ana', rows: ['1'], change: {} },
  { whom: [BEN], id: 'ben', rows: ['1'], change: {} },
  { whom: [DORA], id: 'dora', rows: [], change: {} },
  { whom: [CLEO], id: 'cleo', rows: ['1', '2'], change: labelled('PSY') },
];

/** Makes those patients of this hospital, with rows of every kind. */
export async function admit(db: Database, ...ids: readonly string[]): Promise<void> {
  const people = PEOPLE.filter(({ id }) => ids.includes(id));
  const resources = people.flatMap(({ id, rows: names, change }) => [
    patient(id),
    ...KIND_NAMES.flatMap((kind) =>
      names.map((n) => sampleOf(kind, `${id}-${kind}-${n}`, id, change)),
    ),
  ]);
  const { refused } = await importBundle(db, collection(...resources), { source: 'test' });
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
  const rows = people.flatMap(({ whom, id }) =>
    whom.map(({ study, pseudonym }) => ({
      study: study as typeof STUDY,
      pseudonym: toPseudonym(pseudonym),
      patientId: id,
      linkedAt: 0,
    })),
  );
  await db.transaction((tx) => tx.insert(researchSubject).values(rows));
}
