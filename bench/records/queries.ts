import { UNPROVEN_STUDY } from '../../test/support/names.js';

/** A query as a portal sends it, with the page sizes that its screens have. */
export interface PortalQuery {
  readonly name: string;
  readonly document: string;
}

const SOURCES = 'sources { institution { id } status } complete';
const CODE = 'code { coding { system code display } }';
const VALUE = `value { ... on Quantity { value unit code } ... on CodeableConcept { coding { code } }
  ... on StringValue { text } }`;
const OBSERVATION = `id custodian { id } recorded status ${CODE} effective { from until } ${VALUE}
  component { ${CODE} ${VALUE} }`;
const PAGE = 'pageInfo { hasNextPage endCursor }';
const BODY_WEIGHT = '{ system: "http://loinc.org", code: "29463-7" }';
const BLOOD_PRESSURE = '{ system: "http://loinc.org", code: "85354-9" }';
const BODY_MASS_INDEX = '{ system: "http://loinc.org", code: "39156-5" }';

function ofStudy(participants: number, fields: string): string {
  return `{ study(id: "${UNPROVEN_STUDY}") { participants(first: ${participants}) {
    nodes { pseudonym ${fields} } ${PAGE} ${SOURCES} } } }`;
}

/** The ten that a research portal asks all day: a list, a person, and tables over many. */
export const PORTAL_QUERIES: readonly PortalQuery[] = [
  {
    name: 'the list of participants, 50 a page',
    document: ofStudy(50, 'withheld { dataClass reason }'),
  },
  {
    name: 'the list with demographics, 100 a page',
    document: ofStudy(100, 'demographics { nodes { custodian { id } sex birthYear } }'),
  },
  {
    name: 'one participant, whole: 50 of each class',
    document: ofStudy(
      1,
      `demographics { nodes { custodian { id } sex birthYear } }
       conditions(first: 50) { nodes { id custodian { id } recorded ${CODE} clinicalStatus } ${PAGE} ${SOURCES} }
       observations(first: 50) { nodes { ${OBSERVATION} } ${PAGE} ${SOURCES} }
       dispenses(first: 50) { nodes { id recorded status medication { coding { code } } } ${PAGE} ${SOURCES} }`,
    ),
  },
  {
    name: 'problem lists of 50, 20 conditions each',
    document: ofStudy(
      50,
      `conditions(first: 20) { nodes { id custodian { id } recorded ${CODE} clinicalStatus } ${SOURCES} }`,
    ),
  },
  {
    name: 'blood pressure of 20, 10 readings each',
    document: ofStudy(
      20,
      `observations(where: { codes: [${BLOOD_PRESSURE}] }, first: 10) { nodes { ${OBSERVATION} } ${SOURCES} }`,
    ),
  },
  {
    name: 'weight and body mass index of 50, 10 readings each',
    document: ofStudy(
      50,
      `observations(where: { codes: [${BODY_WEIGHT}, ${BODY_MASS_INDEX}] }, first: 10) { nodes { ${OBSERVATION} } ${SOURCES} }`,
    ),
  },
  {
    name: 'all laboratory results of 20, 50 each',
    document: ofStudy(
      20,
      `observations(where: { categories: ["laboratory"] }, first: 50) { nodes { ${OBSERVATION} } ${PAGE} ${SOURCES} }`,
    ),
  },
  {
    name: 'what was measured within two years, of 20, 50 each',
    document: ofStudy(
      20,
      `observations(where: { effective: { from: "2024-06-01T00:00:00Z", until: "2026-06-01T00:00:00Z" } }, first: 50) { nodes { ${OBSERVATION} } ${SOURCES} }`,
    ),
  },
  {
    name: 'medicines handed over to 50, 20 each, with their lots',
    document: ofStudy(
      50,
      `dispenses(first: 20) { nodes { id custodian { id } recorded status
         medication { coding { system code display } } lot { gtin lot } } ${SOURCES} }`,
    ),
  },
  {
    name: 'a table of 100: demographics, conditions, 5 vital signs each',
    document: ofStudy(
      100,
      `demographics { nodes { custodian { id } sex birthYear } }
       conditions(first: 10) { nodes { id ${CODE} } ${SOURCES} }
       observations(where: { categories: ["vital-signs"] }, first: 5) { nodes { ${OBSERVATION} } ${SOURCES} }`,
    ),
  },
];

export const PORTAL_STUDY = UNPROVEN_STUDY;
