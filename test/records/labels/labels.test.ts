import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import { labelBits } from '../../../src/records/labels/label.js';
import { rowsOf } from '../../../src/store/database.js';
import type { Sensitivity } from '../../../src/zk/vocabulary.js';
import {
  ANA,
  type Clinic,
  coded,
  collection,
  condition,
  labelled,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';

const LOINC = 'http://loinc.org';
const HL7 = 'http://terminology.hl7.org/CodeSystem/';
const ICD_10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
/** Local codes tell nothing: whatever label these have is another's. */
const LOCAL = coded('urn:local', 'x');
const PHQ_9 = coded(LOINC, '44249-1');
const METFORMIN = coded(RXNORM, '860975');
const BUPRENORPHINE = coded(RXNORM, '352364');

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic('riverside-hospital');
  await clinic.take(patient('ana'));
  await clinic.link(ANA, 'ana');
});
afterAll(() => clinic.close());

const to = (...ids: readonly string[]) => ids.map((id) => ({ reference: `Observation/${id}` }));
const item = (id: string, change: object = {}) =>
  observation(id, 'ana', { code: LOCAL, ...change });
const report = (id: string, ...results: readonly string[]) =>
  ({
    resourceType: 'DiagnosticReport',
    id,
    status: 'final',
    code: LOCAL,
    subject: { reference: 'Patient/ana' },
    effectiveDateTime: '2024-01-01',
    result: to(...results),
  }) as Resource;
const prescription = (id: string, change: object) =>
  ({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/ana' },
    authoredOn: '2024-01-01',
    medicationReference: { reference: `Medication/${id}-medicine` },
    ...change,
  }) as Resource;
const medicine = (id: string, code: object, change: object = {}) =>
  ({ resourceType: 'Medication', id, code, ...change }) as Resource;

async function stored(id: string): Promise<{ labels: number; codes: readonly string[] }> {
  const found = await clinic.db.transaction((tx) =>
    tx.execute(
      sql`SELECT labels::integer, array_to_json(codes) AS codes FROM clinical_record WHERE id = ${id}`,
    ),
  );
  const [row] = rowsOf<{ labels: number; codes: readonly string[] }>(found);
  if (row === undefined) throw new Error(`no record ${id}`);
  return row;
}

async function expectLabels(labels: Readonly<Record<string, readonly Sensitivity[]>>) {
  for (const [id, expected] of Object.entries(labels)) {
    expect((await stored(id)).labels, id).toBe(labelBits(expected));
  }
}

describe("a panel's label", () => {
  test.each([
    ['with them', (panel: Resource, items: Resource[]) => [[panel, ...items]]],
    [
      'before them',
      (panel: Resource, items: Resource[]) => [[panel], ...items.map((one) => [one])],
    ],
    ['after them', (panel: Resource, items: Resource[]) => [items, [panel]]],
  ])('covers its answers, and theirs, where it arrives %s', async (when, imports) => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((one) => `${one}-${when.replace(' ', '-')}`);
    if (!a || !b || !c || !d) throw new Error('names');
    const panel = item(`panel-${a}`, { code: PHQ_9, hasMember: to(a, b) });
    const items = [
      item(a),
      item(b, { hasMember: to(c) }),
      item(c, { derivedFrom: to(d) }),
      item(d),
      item(`beside-${a}`),
    ];
    for (const resources of imports(panel, items)) await clinic.take(...resources);
    await expectLabels({ [a]: ['PSY'], [b]: ['PSY'], [c]: ['PSY'], [d]: ['PSY'] });
    await expectLabels({ [`beside-${a}`]: [] });
  });

  test('covers the results of a report that its custodian labelled', async () => {
    await clinic.take(item('r1'), { ...report('report-1', 'r1'), ...labelled('SDV') } as Resource);
    await expectLabels({ r1: ['SDV'], 'report-1': ['SDV'] });
  });

  test('is that of a report with a sensitive result, and not of the results beside it', async () => {
    await clinic.take(report('report-2', 'hiv', 'glucose'), item('glucose'));
    await expectLabels({ 'report-2': [], glucose: [] });
    await clinic.take(item('hiv', { code: coded(LOINC, '20447-9') }));
    await expectLabels({ 'report-2': ['HIV'], glucose: [], hiv: ['HIV'] });
  });

  test('ends with the version of the panel that held them, or with the panel', async () => {
    await clinic.take(item('kept'), item('left'));
    await clinic.take(item('panel-2', { code: PHQ_9, hasMember: to('kept', 'left') }));
    await expectLabels({ kept: ['PSY'], left: ['PSY'] });
    await clinic.take(item('panel-2', { code: PHQ_9, hasMember: to('kept') }));
    await expectLabels({ kept: ['PSY'], left: [] });
    await clinic.import({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: 'Observation/panel-2' } }],
    });
    await expectLabels({ kept: [] });
  });

  test('spreads once round a circle of panels', async () => {
    await clinic.take(
      item('round-1', { code: PHQ_9, hasMember: to('round-2') }),
      item('round-2', { hasMember: to('round-1', 'round-2') }),
    );
    await expectLabels({ 'round-1': ['PSY'], 'round-2': ['PSY'] });
  });

  test('is that of what has a sensitive condition for its reason, whichever came first', async () => {
    const reason = { reasonReference: [{ reference: 'Condition/depressed' }] };
    await clinic.take(
      prescription('why', {
        medicationReference: undefined,
        medicationCodeableConcept: METFORMIN,
        ...reason,
      }),
    );
    await expectLabels({ why: [] });
    await clinic.take(
      condition('depressed', 'ana', { code: coded('http://hl7.org/fhir/sid/icd-10-cm', 'F33.1') }),
    );
    await expectLabels({ why: ['PSY'], depressed: ['PSY'] });
  });
});

describe('a label over other links', () => {
  const order = (id: string) =>
    ({
      resourceType: 'ServiceRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/ana' },
      reasonCode: [{ text: 'HIV infection' }],
    }) as Resource;

  test('is that of an order that a record is based on, whichever came first', async () => {
    const basedOn = [{ reference: 'ServiceRequest/why' }];
    await clinic.take(item('ordered', { basedOn }), item('by-nobody'));
    await expectLabels({ ordered: [] });
    await clinic.take(order('why'));
    await expectLabels({ ordered: ['HIV'], 'by-nobody': [] });
  });

  test('goes from a panel that a report contains to its answers', async () => {
    const panel = { ...item('p', { code: PHQ_9, hasMember: to('m1') }) };
    await clinic.take(item('m1'), {
      ...report('report-3'),
      contained: [panel],
      result: [{ reference: '#p' }],
    } as Resource);
    await expectLabels({ m1: ['PSY'], 'report-3': ['PSY'] });
  });

  test('goes along a chain of eight hundred, and costs no minute', async () => {
    const chain = Array.from({ length: 800 }, (_, at) =>
      item(`chain-${at}`, at < 799 ? { derivedFrom: to(`chain-${at + 1}`) } : { code: PHQ_9 }),
    );
    const began = performance.now();
    await clinic.take(...chain);
    // Of a quiet machine less than two: with every pair of the chain in memory it was thirty.
    expect(performance.now() - began).toBeLessThan(12_000);
    await expectLabels({ 'chain-0': ['PSY'], 'chain-400': ['PSY'], 'chain-799': ['PSY'] });
  });
});

describe('a label of an encounter', () => {
  const HIV_REASON = { reasonCode: [coded(ICD_10, 'B20')] };
  const encounter = (id: string, change: object = {}) =>
    ({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: 'Patient/ana' },
      period: { start: '2024-01-01', end: '2024-01-02' },
      ...change,
    }) as Resource;
  const made = (id: string, of: string, change: object = {}) =>
    item(id, { encounter: { reference: `Encounter/${of}` }, ...change });
  const given = (id: string, of: string) =>
    ({
      resourceType: 'MedicationAdministration',
      id,
      status: 'completed',
      subject: { reference: 'Patient/ana' },
      effectiveDateTime: '2024-01-01',
      medicationCodeableConcept: METFORMIN,
      context: { reference: `Encounter/${of}` },
    }) as Resource;

  test.each([
    ['with them', (visit: Resource, records: Resource[]) => [[visit, ...records]]],
    ['before them', (visit: Resource, records: Resource[]) => [[visit], records]],
    ['after them', (visit: Resource, records: Resource[]) => [records, [visit]]],
  ])('is that of the records made in it, where it comes %s', async (when, imports) => {
    const id = when.replace(' ', '-');
    const records = [made(`in-${id}`, `v-${id}`), given(`given-${id}`, `v-${id}`)];
    const others = [
      made(`beside-${id}`, `other-${id}`),
      encounter(`other-${id}`),
      item(`no-${id}`),
    ];
    const visit = encounter(`v-${id}`, HIV_REASON);
    for (const resources of imports(visit, [...records, ...others]))
      await clinic.take(...resources);
    await expectLabels({ [`in-${id}`]: ['HIV'], [`given-${id}`]: ['HIV'], [`v-${id}`]: ['HIV'] });
    await expectLabels({ [`beside-${id}`]: [], [`other-${id}`]: [], [`no-${id}`]: [] });
  });

  test.each([
    ['type', { type: [coded('http://snomed.info/sct', '75516001')] }],
    ['serviceType', { serviceType: coded(`${HL7}service-type`, '78') }],
    ['label', labelled('PSY')],
    ['words', { reasonReference: [{ display: 'Major depression' }] }],
  ])('by its %s', async (by, change) => {
    await clinic.take(encounter(`by-${by}`, change), made(`in-by-${by}`, `by-${by}`));
    await expectLabels({ [`in-by-${by}`]: ['PSY'] });
  });

  test.each([
    ['diagnosis', (of: string) => ({ diagnosis: [{ condition: { reference: of } }] })],
    ['reason', (of: string) => ({ reasonReference: [{ reference: of }] })],
  ])('by a %s that comes last, and ends with the version that had it', async (by, holding) => {
    const visit = encounter(`late-${by}`, holding(`Condition/why-${by}`));
    await clinic.take(made(`in-late-${by}`, `late-${by}`), visit);
    await expectLabels({ [`in-late-${by}`]: [] });
    await clinic.take(condition(`why-${by}`, 'ana', { code: coded(ICD_10, 'F32.1') }));
    await expectLabels({ [`in-late-${by}`]: ['PSY'], [`late-${by}`]: ['PSY'] });
    await clinic.take(encounter(`late-${by}`));
    await expectLabels({ [`in-late-${by}`]: [], [`late-${by}`]: [] });
  });

  test('goes on to the stay that it is part of in the other direction alone', async () => {
    const part = { partOf: { reference: 'Encounter/stay' } };
    await clinic.take(encounter('stay', HIV_REASON), encounter('part', part));
    await clinic.take(made('in-part', 'part'), made('in-stay', 'stay'));
    await expectLabels({ part: ['HIV'], 'in-part': ['HIV'], 'in-stay': ['HIV'] });
    await clinic.take(
      encounter('stay-2'),
      encounter('part-2', { ...part, ...HIV_REASON, partOf: { reference: 'Encounter/stay-2' } }),
    );
    await clinic.take(made('in-stay-2', 'stay-2'));
    await expectLabels({ 'part-2': ['HIV'], 'stay-2': [], 'in-stay-2': [] });
  });

  test('leaves a record that moved to another encounter', async () => {
    await clinic.take(encounter('left', HIV_REASON), made('moved', 'left'));
    await expectLabels({ moved: ['HIV'] });
    await clinic.take(made('moved', 'other-with-them'));
    await expectLabels({ moved: [] });
  });

  test('is found at once among a thousand records', async () => {
    const crowd = Array.from({ length: 1_000 }, (_, at) =>
      made(`crowd-${at}`, `crowded-${at % 10}`),
    );
    await clinic.take(...crowd);
    const began = performance.now();
    await clinic.take(encounter('crowded-3', HIV_REASON));
    expect(performance.now() - began).toBeLessThan(5_000);
    await expectLabels({ 'crowd-3': ['HIV'], 'crowd-993': ['HIV'], 'crowd-4': [] });
  });
});

describe('a list or a document', () => {
  const entry = (...ids: readonly string[]) => to(...ids);
  const composition = (id: string, section: readonly object[], change: object = {}) =>
    ({
      resourceType: 'Composition',
      id,
      status: 'final',
      type: LOCAL,
      subject: { reference: 'Patient/ana' },
      date: '2024-01-01',
      author: [{ display: 'the clinic' }],
      title: 'Summary',
      section,
      ...change,
    }) as Resource;
  const list = (id: string, change: object, ...ids: readonly string[]) =>
    ({
      resourceType: 'List',
      id,
      status: 'current',
      mode: 'snapshot',
      subject: { reference: 'Patient/ana' },
      entry: to(...ids).map((one) => ({ item: { ...one, display: 'as listed' } })),
      ...change,
    }) as Resource;
  /** History of behavioural health, history of procedures. */
  const PSYCHIATRY = { code: coded('http://snomed.info/sct', '75516001') };

  test('about something sensitive labels its entries, whichever came first', async () => {
    await clinic.take(list('list-1', PSYCHIATRY, 'listed', 'listed-later'), item('listed'));
    await clinic.take(item('listed-later'));
    await expectLabels({ listed: ['PSY'], 'listed-later': ['PSY'] });
    await clinic.take(list('list-2', { title: 'HIV clinic' }, 'titled'), item('titled'));
    await expectLabels({ titled: ['HIV'] });
    await clinic.take(list('list-3', labelled('SDV'), 'marked'), item('marked'));
    await expectLabels({ marked: ['SDV'] });
  });

  test('with a sensitive entry does not label the entries beside it', async () => {
    const hiv = item('entry-hiv', { code: coded(LOINC, '20447-9') });
    await clinic.take(hiv, item('entry-beside'), list('list-4', {}, 'entry-hiv', 'entry-beside'));
    await clinic.take(composition('doc-1', [{ entry: entry('entry-hiv', 'entry-beside') }]));
    await expectLabels({ 'entry-hiv': ['HIV'], 'entry-beside': [] });
  });

  test('labels the entries of the section that is about it, and of those inside', async () => {
    const inside = { section: [{ entry: entry('inner') }] };
    const sections = [
      { ...PSYCHIATRY, entry: entry('section-1'), ...inside },
      { title: 'Laboratory', entry: entry('section-2') },
    ];
    await clinic.take(composition('doc-2', sections));
    await clinic.take(item('section-1'), item('section-2'), item('inner'));
    await expectLabels({ 'section-1': ['PSY'], inner: ['PSY'], 'section-2': [] });
    await clinic.take(composition('doc-2', [{ entry: entry('section-1') }]));
    await expectLabels({ 'section-1': [], inner: [] });
  });

  test('labels all of them by its type or its own label', async () => {
    await clinic.take(composition('doc-3', [{ entry: entry('typed') }], { type: PSYCHIATRY.code }));
    await clinic.take(composition('doc-4', [{ entry: entry('whole') }], labelled('SDV')));
    await clinic.take(item('typed'), item('whole'));
    await expectLabels({ typed: ['PSY'], whole: ['SDV'] });
  });
});

describe('a medicine by reference', () => {
  const key = `${RXNORM}|860975`;

  test.each([
    ['within', (one: Resource, two: Resource) => [[one, two]]],
    ['after', (one: Resource, two: Resource) => [[one], [two]]],
    ['before', (one: Resource, two: Resource) => [[two], [one]]],
  ])(
    'is told by its code, where it arrives %s the import of what names it',
    async (when, imports) => {
      const named = [prescription(when, {}), medicine(`${when}-medicine`, METFORMIN)] as const;
      for (const resources of imports(...named)) await clinic.take(...resources);
      expect((await stored(when)).codes).toEqual([key]);
    },
  );

  test('is told where it is inside', async () => {
    const contained = [medicine('m', METFORMIN)];
    await clinic.take(
      prescription('inside', { contained, medicationReference: { reference: '#m' } }),
    );
    expect((await stored('inside')).codes).toEqual([key]);
  });

  test('labels what names it, and follows its Medication', async () => {
    const id = 'opioid-medicine';
    await clinic.take(prescription('opioid', {}), medicine(id, METFORMIN));
    await expectLabels({ opioid: [] });
    await clinic.take(medicine(id, BUPRENORPHINE));
    await expectLabels({ opioid: ['SUD'] });
    expect((await stored('opioid')).codes).toEqual([`${RXNORM}|352364`]);
    await clinic.take(medicine(id, METFORMIN));
    await expectLabels({ opioid: [] });
    await clinic.take(medicine(id, METFORMIN, { status: 'entered-in-error' }));
    expect((await stored('opioid')).codes).toEqual([]);
  });
});

test('the words of one Medication count once, however many patients name it', async () => {
  const people = Array.from({ length: 12 }, (_, at) => `shared-${at}`);
  const of = (who: string, id: string) =>
    prescription(id, {
      subject: { reference: `Patient/${who}` },
      medicationReference: { reference: 'Medication/cream' },
    });
  const cream = (display: string) =>
    medicine('cream', { coding: [{ system: RXNORM, code: '860975', display }] });
  await clinic.take(...people.map((who) => patient(who)));
  await clinic.take(cream('Cream of Anna Smith'), of('shared-0', 'rx-0'), of('shared-1', 'rx-1'));
  for (const [at, who] of people.slice(2).entries()) await clinic.take(of(who, `rx-${at + 2}`));
  await clinic.take(cream('Anna Smith again'));
  const found = await clinic.db.transaction((tx) =>
    tx.execute(sql`SELECT display, count(*)::int AS patients FROM code_display
      WHERE display LIKE '%Anna Smith%' GROUP BY display ORDER BY display`),
  );
  expect(rowsOf(found)).toEqual([
    { display: 'Anna Smith again', patients: 1 },
    { display: 'Cream of Anna Smith', patients: 1 },
  ]);
});

test('an answer has what its labels allow', async () => {
  await clinic.take(item('asked', { code: coded(LOINC, '44260-8') }));
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Participant { observations(where: { codes: [{ system: "${LOINC}", code: "44260-8" }] }) { nodes { id } }
      medicationRequests { nodes { medication { coding { code } } } } } } }`;
  const told = async (...labels: Sensitivity[]) => {
    const { data } = await clinic.ask([permit({ labels })], query, participantKeys(ANA));
    return data?._entities[0];
  };
  expect((await told()).observations.nodes).toHaveLength(0);
  expect((await told('PSY')).observations.nodes).toHaveLength(1);
  const codes = (await told()).medicationRequests.nodes.map(
    ({ medication }: { medication: { coding: readonly { code: string }[] } }) =>
      medication.coding[0]?.code,
  );
  expect(codes).toContain('860975');
});

test('an import counts the codes that no row tells', async () => {
  const bundle = collection(
    patient('ben'),
    observation('o-1', 'ben', { code: { coding: [...LOCAL.coding, ...PHQ_9.coding] } }),
    observation('o-2', 'ben', {
      valueQuantity: undefined,
      valueCodeableConcept: coded(LOINC, 'JohnSmith'),
    }),
    observation('o-3', 'ben', { meta: { tag: [{ system: 'urn:local', code: 'nightly' }] } }),
  );
  const report = await importBundle(clinic.db, bundle, { source: 'test' });
  expect(report).toMatchObject({ taken: 4, refused: [], localCodes: 2 });
});
