import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { importBundle } from '../../../../src/records/import/import-bundle.js';
import {
  readAccountedPatient,
  readLinkablePatient,
} from '../../../../src/records/import/merge/linkable-patient.js';
import { MAX_OF_ONE } from '../../../../src/records/import/merge/merged-patients.js';
import { rowsOf } from '../../../../src/store/database.js';
import { OTHER_UNPROVEN_STUDY } from '../../../support/names.js';
import {
  ANA,
  BEN,
  type Clinic,
  collection,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../../support/records/clinic.js';

const TABLES = `resource, patient, clinical_record, patient_key, long_id, patient_merge, merged_patient,
  research_subject`;
const QUERY = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Participant { demographics { nodes { birthYear } } observations { nodes { value {
    ... on Quantity { value } } } } } } }`;

let clinic: Clinic;
beforeEach(async () => {
  clinic ??= await openClinic('riverside-hospital');
  await clinic.db.transaction((tx) => tx.execute(`TRUNCATE ${TABLES}`));
});
afterAll(() => clinic.close());

const link = (type: string, other: string) => ({
  link: [{ type, other: { reference: `Patient/${other}` } }],
});
const who = (id: string, change: object = {}, year = '1960') =>
  ({ ...patient(id, `${year}-03-04`), ...change }) as ReturnType<typeof patient>;
/** An observation of that patient, told from others by its value. */
const of = (patientId: string, value: number) =>
  observation(`of-${patientId}-${value}`, patientId, { valueQuantity: { value } });

/** What a reader with a permit over that pseudonym sees: the values, and the years of birth. */
async function seenBy(pseudonym: typeof ANA, study?: string) {
  const own = study === undefined ? {} : { study };
  const permits = [permit({ pseudonym, ...own } as Parameters<typeof permit>[0])];
  const { data, errors } = await clinic.ask(permits, QUERY, participantKeys(pseudonym));
  expect(errors).toBeUndefined();
  const [found] = data?._entities ?? [];
  return {
    values: found.observations.nodes
      .map((one: { value: { value: string } }) => Number(one.value.value))
      .sort(),
    born: found.demographics.nodes.map((one: { birthYear: number }) => one.birthYear),
  };
}

describe('rows of a merged record', () => {
  const OLD = who('old', { active: false, ...link('replaced-by', 'new') }, '1961');
  const NEW = who('new', link('replaces', 'old'), '1962');

  test.each([
    ['both say it', [OLD, NEW]],
    ['the old one says it', [OLD, who('new', {}, '1962')]],
    ['the survivor says it', [who('old', {}, '1961'), NEW]],
    ['the survivor comes first', [NEW, OLD]],
  ])('are opened by the link of the survivor: %s', async (_, people) => {
    await clinic.take(...people, of('old', 1), of('new', 2));
    await clinic.link(BEN, 'new');
    expect(await seenBy(BEN)).toEqual({ values: [1, 2], born: [1962] });
  });

  test('are taken though the old record is stored no more', async () => {
    await clinic.take(NEW, of('old', 1));
    await clinic.link(BEN, 'new');
    expect(await seenBy(BEN)).toEqual({ values: [1], born: [1962] });
  });

  test("are opened by the link of the old one as long as nobody holds the survivor's", async () => {
    await clinic.take(who('old', {}, '1961'), who('new', {}, '1962'), of('old', 1), of('new', 2));
    await clinic.link(ANA, 'old');
    expect(await seenBy(ANA)).toEqual({ values: [1], born: [1961] });
    await clinic.take(OLD);
    expect(await seenBy(ANA)).toEqual({ values: [1, 2], born: [1962] });
    await clinic.link(BEN, 'new');
    expect(await seenBy(ANA)).toEqual({ values: [], born: [] });
    expect(await seenBy(BEN)).toEqual({ values: [1, 2], born: [1962] });
  });

  test('of two holders in two studies are opened to each', async () => {
    await clinic.take(OLD, NEW, of('old', 1), of('new', 2));
    await clinic.link(BEN, 'new');
    await clinic.link('2001', 'old', OTHER_UNPROVEN_STUDY);
    const all = { values: [1, 2], born: [1962] };
    expect(await seenBy(BEN)).toEqual(all);
    expect(await seenBy('2001' as typeof ANA, OTHER_UNPROVEN_STUDY)).toEqual(all);
  });

  test('of two that were merged into one nobody holds are told apart', async () => {
    const people = ['a', 'b'].map((id) => who(id, link('replaced-by', 'c'), '1961'));
    await clinic.take(...people, who('c', {}, '1962'), of('a', 1), of('b', 2), of('c', 3));
    await clinic.link(ANA, 'a');
    await clinic.link(BEN, 'b');
    expect(await seenBy(ANA)).toEqual({ values: [1], born: [1961] });
    expect(await seenBy(BEN)).toEqual({ values: [2], born: [1961] });
  });

  test('follow a chain to its end, and come back when the merge is taken back', async () => {
    await clinic.take(
      who('a', link('replaced-by', 'b')),
      who('b', link('replaced-by', 'c')),
      who('c', {}, '1962'),
      ...[of('a', 1), of('b', 2), of('c', 3)],
    );
    await clinic.link(BEN, 'c');
    expect((await seenBy(BEN)).values).toEqual([1, 2, 3]);
    await clinic.take(who('b', {}, '1963'));
    expect((await seenBy(BEN)).values).toEqual([3]);
    await clinic.link(ANA, 'b');
    expect(await seenBy(ANA)).toEqual({ values: [1, 2], born: [1963] });
  });

  test.each(['refer', 'seealso'])('%s is no merge', async (type) => {
    await clinic.take(who('old', link(type, 'new')), who('new'), of('old', 1), of('new', 2));
    await clinic.link(BEN, 'new');
    expect((await seenBy(BEN)).values).toEqual([2]);
  });

  test('stay when the old record is deleted, and go with the survivor', async () => {
    await clinic.take(OLD, NEW, of('old', 1), of('new', 2));
    await clinic.link(BEN, 'new');
    const gone = (id: string) => ({
      resourceType: 'Bundle' as const,
      type: 'transaction' as const,
      entry: [{ request: { method: 'DELETE' as const, url: `Patient/${id}` } }],
    });
    await clinic.import(gone('old'));
    expect(await seenBy(BEN)).toEqual({ values: [1, 2], born: [1962] });
    await clinic.import(gone('new'));
    expect(await seenBy(BEN)).toEqual({ values: [], born: [] });
  });

  test.each([
    ['with itself', [who('a', link('replaced-by', 'a'))]],
    ['in a circle', [who('a', link('replaced-by', 'b')), who('b', link('replaced-by', 'a'))]],
    [
      'with two',
      [who('a', { link: [...link('replaced-by', 'b').link, ...link('replaced-by', 'c').link] })],
    ],
  ])('%s are refused by name, and open nothing', async (_, people) => {
    await expect(clinic.take(...people)).rejects.toThrow(/Patient.link leads/);
  });

  /** Patients of servers, by URL, each linked with a URL, and their rows. */
  const across = (...told: readonly (readonly [string, string?, string?])[]) => ({
    resourceType: 'Bundle' as const,
    type: 'collection' as const,
    entry: told.flatMap(([url, type, other], i) => {
      const [, base = '', id = ''] = /^(.*)\/Patient\/(.*)$/.exec(url) ?? [];
      const links = type && { link: [{ type, other: { reference: other } }] };
      const row = observation(`o${i}`, id, { valueQuantity: { value: i } });
      return [
        { fullUrl: url, resource: who(id, links || {}, `196${i}`) },
        { fullUrl: `${base}/Observation/o${i}`, resource: row },
      ];
    }),
  });
  const MINE = 'https://own.example/fhir/Patient/2';
  const THEIRS = 'https://a.example/fhir/Patient/x';

  test.each([
    ['that it replaces it', across([MINE], [THEIRS, 'replaces', MINE])],
    ['that it is replaced by it', across([MINE], [THEIRS, 'replaced-by', MINE])],
    ['the same, and comes first', across([THEIRS, 'replaces', MINE], [MINE])],
  ])('stay apart where another server alone says %s', async (_, told) => {
    await clinic.import(told);
    await clinic.link(ANA, '2');
    await clinic.link(BEN, 'x');
    const seen = await Promise.all([seenBy(ANA), seenBy(BEN)]);
    expect(seen.map(({ values }) => values.length)).toEqual([1, 1]);
    expect(seen[0]?.born).not.toEqual(seen[1]?.born);
    const mine = await clinic.db.transaction((tx) => readAccountedPatient(tx, MINE));
    expect(mine.records).toEqual(['2']);
    const linkable = clinic.db.transaction((tx) => readLinkablePatient(tx, MINE));
    expect(await linkable).toMatchObject({ key: '2' });
  });

  test('are one where both servers say it, until one takes it back', async () => {
    await clinic.import(across([MINE, 'replaced-by', THEIRS], [THEIRS, 'replaces', MINE]));
    await clinic.link(BEN, 'x');
    expect((await seenBy(BEN)).values).toEqual([0, 1]);
    await clinic.import(across([MINE], [THEIRS, 'replaces', MINE]));
    expect((await seenBy(BEN)).values).toEqual([1]);
  });

  test('of one server stay when the other deletes the survivor', async () => {
    await clinic.import(across([MINE, 'replaced-by', THEIRS], [THEIRS, 'replaces', MINE]));
    await clinic.import({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ fullUrl: THEIRS, request: { method: 'DELETE', url: 'Patient/x' } }],
    });
    const left = await clinic.db.transaction((tx) =>
      tx.execute('SELECT patient_id FROM clinical_record'),
    );
    expect(rowsOf(left)).toEqual([{ patient_id: '2' }]);
  });

  test('of more records than a person has are refused by name', async () => {
    const replacing = (count: number) => ({
      link: Array.from({ length: count }, (_, i) => link('replaces', `m${i}`).link[0]),
    });
    const outcome = async (one: ReturnType<typeof who>) => {
      const { refused } = await importBundle(clinic.db, collection(one), { source: 's' });
      return refused.map(({ code, detail }) => `${code} ${detail}`);
    };
    const most = `INPUT_TOO_LARGE Patient.link joins more than ${MAX_OF_ONE} records`;
    expect(await outcome(who('unknown', replacing(MAX_OF_ONE)))).toEqual([most]);
    expect(await outcome(who('unknown', replacing(MAX_OF_ONE - 1)))).toEqual([]);
    expect(await outcome(who('one-more', link('replaced-by', 'unknown')))).toEqual([most]);
    expect(await outcome(who('alone', link('replaced-by', 'other')))).toEqual([]);
    expect(await outcome(who('unknown', replacing(1)))).toEqual([]);
    expect(await outcome(who('one-more', link('replaced-by', 'unknown')))).toEqual([]);
  });

  test('are accounted for together', async () => {
    await clinic.take(OLD, NEW, who('other'));
    const ofOne = (key: string) =>
      clinic.db.transaction(async (tx) =>
        [...(await readAccountedPatient(tx, key)).records].sort(),
      );
    expect(await ofOne('new')).toEqual(['new', 'old']);
    expect(await ofOne('old')).toEqual(['new', 'old']);
    expect(await ofOne('other')).toEqual(['other']);
    expect(await ofOne('nobody')).toEqual(['nobody']);
  });
});

describe('a code is shown to', () => {
  const read = (named: string) => clinic.db.transaction((tx) => readLinkablePatient(tx, named));

  test.each([
    ['deceased', { deceasedBoolean: true }, 'PATIENT_DECEASED'],
    ['deceased on a day', { deceasedDateTime: '2024-01-01' }, 'PATIENT_DECEASED'],
    ['merged', link('replaced-by', 'new'), 'PATIENT_MERGED'],
    [
      'merged into one who is named by words',
      { link: [{ type: 'replaced-by', other: { display: 'x' } }] },
      'PATIENT_MERGED',
    ],
    ['out of use', { active: false }, 'PATIENT_INACTIVE'],
  ])('nobody whose record is %s', async (_, change, code) => {
    await clinic.take(who('p', change));
    await expect(read('p')).rejects.toMatchObject({ code });
  });

  test.each([
    ['alive', { deceasedBoolean: false }],
    ['in use', { active: true }],
    ['a survivor', link('replaces', 'old')],
    ['read beside another', link('seealso', 'old')],
  ])('who is %s', async (_, change) => {
    await clinic.take(who('p', change));
    expect(await read('p')).toEqual({ key: 'p', birthDate: '1960-03-04' });
  });

  test('nobody whose survivor alone says so, or who is not stored', async () => {
    await clinic.take(who('p'), who('new', link('replaces', 'p')));
    await expect(read('p')).rejects.toMatchObject({ code: 'PATIENT_MERGED' });
    await expect(read('q')).rejects.toMatchObject({ code: 'FHIR_REFERENCE_UNRESOLVED' });
  });

  test('the patient of one server by id or URL, where two have the id by URL alone', async () => {
    const at = (host: string) => ({
      resourceType: 'Bundle' as const,
      type: 'collection' as const,
      entry: [{ fullUrl: `https://${host}/Patient/p`, resource: who('p') }],
    });
    await clinic.import(at('a.example'));
    expect(await read('p')).toMatchObject({ key: 'p' });
    expect(await read('https://a.example/Patient/p')).toMatchObject({ key: 'p' });
    await clinic.import(at('b.example'));
    await expect(read('p')).rejects.toMatchObject({ code: 'PATIENT_AMBIGUOUS' });
    const b = 'https://b.example/Patient/p';
    expect(await read(b)).toMatchObject({ key: b });
    expect(await clinic.db.transaction((tx) => readAccountedPatient(tx, b))).toMatchObject({
      key: b,
    });
  });
});
