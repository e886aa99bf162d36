import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importBundle } from '../../src/records/fhir-import.js';
import { labelBits } from '../../src/records/fhir-label.js';
import { rowsOf } from '../../src/store/database.js';
import type { Sensitivity } from '../../src/zk/vocabulary.js';
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
} from './clinic.js';

const LOINC = 'http://loinc.org';
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
