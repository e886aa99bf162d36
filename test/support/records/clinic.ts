import type { Bundle, Resource } from '@medplum/fhirtypes';
import { type ExecutionResult, type GraphQLSchema, graphql } from 'graphql';
import { type Permit, PermitSet } from '../../../src/consent/gate/permit.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { clockOf } from '../../../src/core/clock.js';
import { toInstitutionId, toPseudonym, toStudyId } from '../../../src/core/ids.js';
import { ANY_TIME, secondsFromIso } from '../../../src/core/time.js';
import { DatabaseRecords } from '../../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import { RECORD_CLASSES } from '../../../src/records/model/model.js';
import type { Database } from '../../../src/store/database.js';
import { UNPROVEN_STUDY } from '../names.js';
import { openFreshPglite } from '../store/fresh-pglite.js';

/** The moment at which these tests happen. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const ALWAYS = ANY_TIME;
export const ANA = toPseudonym('1001');
export const BEN = toPseudonym('1002');

/** A node's records without its gate: tests mint the permits that a gate would. */
export interface Clinic {
  readonly schema: GraphQLSchema;
  readonly db: Database;
  readonly records: DatabaseRecords;
  readonly statements: string[];
  take(...resources: Resource[]): Promise<void>;
  import(bundle: Bundle): Promise<void>;
  link(pseudonym: string, patientId: string, study?: string): Promise<void>;
  ask(permits: readonly Permit[], query: string, variables?: object): Promise<Answered>;
  disclosures(): Promise<readonly { pseudonym: string; data_class: string; count: number }[]>;
  close(): Promise<void>;
}

type Answered = ExecutionResult<{ _entities: Entity[] }>;
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its own query selects.
export type Entity = any;

export async function openClinic(institution: string): Promise<Clinic> {
  const statements: string[] = [];
  const server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
  const db = await server.open(institution);
  const records = new DatabaseRecords({
    db,
    institution: toInstitutionId(institution),
    nodeIdKey: Buffer.alloc(32, institution),
    clock: clockOf(() => NOW),
  });
  const schema = recordsSubgraph(records);
  async function take(bundle: Bundle): Promise<void> {
    const report = await importBundle(db, bundle, { source: 'test' });
    if (report.refused.length > 0) throw new Error(JSON.stringify(report.refused));
  }
  return {
    schema,
    db,
    records,
    statements,
    take: (...resources) => take(collection(...resources)),
    import: take,
    link: (pseudonym, patientId, study = UNPROVEN_STUDY) =>
      db.transaction(async (tx) => {
        const row = { study: toStudyId(study), pseudonym: toPseudonym(pseudonym), patientId };
        await tx.insert(researchSubject).values({ ...row, linkedAt: 0 });
      }),
    ask: (permits, source, variables = {}) =>
      graphql({
        schema,
        source,
        variableValues: { ...variables },
        contextValue: { opened: PermitSet.mint(permits, []), requestId: 'test' },
      }) as Promise<Answered>,
    disclosures: () =>
      db.transaction(async (tx) => {
        const found = await tx.execute(
          'SELECT pseudonym, data_class, count FROM disclosure ORDER BY id',
        );
        return (found as unknown as { rows: never[] }).rows;
      }),
    close: () => server.close(),
  };
}

/** A permit over everything but labels, for all time, unless it says otherwise. */
export function permit(change: Partial<Permit> = {}): Permit {
  return {
    study: UNPROVEN_STUDY,
    pseudonym: ANA,
    handle: '77',
    purpose: 'HRESCH',
    dataClasses: [...RECORD_CLASSES],
    labels: [],
    dataWindow: ALWAYS,
    expires: secondsFromIso('2026-06-02T00:00:00Z'),
    ...change,
  };
}

export function collection(...resources: Resource[]): Bundle {
  const entry = resources.map((resource) => ({ resource }));
  // As it comes from a file: a property that is undefined is not there.
  return JSON.parse(
    JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }),
  ) as Bundle;
}

export function patient(id: string, birthDate = '1960-03-04'): Resource {
  return {
    resourceType: 'Patient',
    id,
    name: [{ family: 'Secretname', given: ['Hidden'] }],
    address: [{ line: ['1 Hidden Street'], city: 'Riverside' }],
    gender: 'female',
    birthDate,
  };
}

export function condition(id: string, patientId: string, change: object = {}): Resource {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    verificationStatus: coded(
      'http://terminology.hl7.org/CodeSystem/condition-ver-status',
      'confirmed',
    ),
    code: { ...coded('http://snomed.info/sct', '59621000'), text: 'Secretname says so' },
    subject: { reference: `Patient/${patientId}` },
    recordedDate: '2024-02-03',
    ...change,
  } as Resource;
}

export function observation(id: string, patientId: string, change: object = {}): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory')],
    code: coded('http://loinc.org', '4548-4'),
    subject: { reference: `Patient/${patientId}` },
    effectiveDateTime: '2024-05-06T07:08:09Z',
    valueQuantity: { value: 6.5, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    ...change,
  } as Resource;
}

export function coded(system: string, code: string) {
  return { coding: [{ system, code }] };
}

/** Labelled as an EHR does. */
export function labelled(code: string) {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  return { meta: { security: [{ system, code }] } };
}

/** Everything that a node says of a study's participants. */
export const PARTICIPANTS = `query ($representations: [_Any!]!, $first: Int, $after: String) {
  _entities(representations: $representations) { ... on Study {
    participants(first: $first, after: $after) {
      nodes { pseudonym study { registryId } withheld { dataClass reason }
        demographics { nodes { custodian { id } sex birthYear } }
        conditions { nodes { id code { coding { code } } } withheld { dataClass reason } }
        observations { nodes { id } withheld { dataClass reason } }
        dispenses { nodes { id lot { gtin lot } } withheld { dataClass reason } } }
      sources { institution { id } status } complete pageInfo { hasNextPage endCursor }
    } } } }`;

/** The same, asked as the gateway does: by reference to the participants. */
export const BY_PSEUDONYM = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Participant {
    pseudonym study { registryId }
    demographics { nodes { birthYear } }
    conditions { nodes { id } }
    observations { nodes { id } }
    again: observations { nodes { id } } ...More } } }
  fragment More on Participant { dispenses { nodes { id } } }`;

export function studyKey(registryId: string) {
  return { representations: [{ __typename: 'Study', registryId }] };
}

export function participantKeys(...pseudonyms: readonly string[]) {
  return {
    representations: pseudonyms.map((pseudonym) => ({ __typename: 'Participant', pseudonym })),
  };
}
