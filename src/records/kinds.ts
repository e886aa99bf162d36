import type { ExtractResource } from '@medplum/fhirtypes';
import { parseCondition } from './fhir-condition.js';
import { parseDispense } from './fhir-dispense.js';
import { parseObservation } from './fhir-observation.js';
import type { ParsedRecord } from './fhir-record.js';
import { CONDITION_WIRE, type ConditionContent } from './kind-condition.js';
import { DISPENSE_WIRE, type DispenseContent } from './kind-dispense.js';
import { OBSERVATION_WIRE, type ObservationContent } from './kind-observation.js';
import type { RecordClass, Released } from './model.js';
import { addConditionType } from './type-condition.js';
import { addDispenseType } from './type-dispense.js';
import { addObservationType } from './type-observation.js';
import type { RecordTypes } from './type-record.js';
import type { WireOf } from './wire-element.js';

/** What the rows of each kind say. A kind is named by the FHIR resource type that it is read from. */
export interface Contents {
  readonly Condition: ConditionContent;
  readonly Observation: ObservationContent;
  readonly MedicationDispense: DispenseContent;
}

export type KindName = keyof Contents;
export type RowOf<Name extends KindName> = Released & Contents[Name];

/** All there is to know of a kind of rows: where it is asked for, how it is read, how it leaves. */
export interface Kind<Name extends KindName> {
  /** What a permit must open. */
  readonly dataClass: RecordClass;
  /** Its GraphQL type, and the field of Participant that lists it. */
  readonly name: string;
  readonly field: string;
  /** What its filter takes beside codes. */
  readonly filter: FilterShape;
  readonly wire: WireOf<Contents[Name]>;
  /** Undefined for what was entered in error, so that nobody is told of it. */
  parse(resource: ExtractResource<Name>): ParsedRecord<Contents[Name]> | undefined;
  addType<Opened>(types: RecordTypes<Opened>): { readonly $inferType: RowOf<Name> };
}

export interface FilterShape {
  /** The element that its time range is named after. */
  readonly range: string;
  /** The element that its categories are read from; null if its type has none. */
  readonly categories: string | null;
}

/** Every kind of rows of a participant: the next one is its files and an entry here. */
export const KINDS: { readonly [Name in KindName]: Kind<Name> } = {
  Condition: {
    dataClass: 'CONDITION',
    name: 'Condition',
    field: 'conditions',
    filter: { range: 'recorded', categories: null },
    wire: CONDITION_WIRE,
    parse: parseCondition,
    addType: addConditionType,
  },
  Observation: {
    dataClass: 'OBSERVATION',
    name: 'Observation',
    field: 'observations',
    filter: { range: 'effective', categories: 'category' },
    wire: OBSERVATION_WIRE,
    parse: parseObservation,
    addType: addObservationType,
  },
  MedicationDispense: {
    dataClass: 'MEDICATION',
    name: 'Dispense',
    field: 'dispenses',
    filter: { range: 'recorded', categories: null },
    wire: DISPENSE_WIRE,
    parse: parseDispense,
    addType: addDispenseType,
  },
};

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

export function isKindName(type: string): type is KindName {
  return Object.hasOwn(KINDS, type);
}
