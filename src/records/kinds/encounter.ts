import type { Encounter } from '@medplum/fhirtypes';
import type { Period } from '../../core/time.js';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf } from '../fhir/date.js';
import { partialOf } from '../fhir/partial.js';
import { parseHappened } from '../fhir/period.js';
import { EMPTY_UNCODED, NULL_UNCODED, PERIOD_NULL } from '../model/elements.js';
import type { CodeableConcept, Coding, Dated, Released } from '../model/model.js';
import {
  civilDate,
  coding,
  concept,
  list,
  listed,
  maybe,
  partial,
  period,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './record.js';
import { ENCOUNTER_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const ENCOUNTER_STATUSES = [
  'PLANNED',
  'ARRIVED',
  'TRIAGED',
  'IN_PROGRESS',
  'ONLEAVE',
  'FINISHED',
  'CANCELLED',
  'UNKNOWN',
] as const;

/** What an Encounter says, except where it was and with whom. */
export interface EncounterContent extends Dated {
  readonly status: (typeof ENCOUNTER_STATUSES)[number];
  /** Ambulatory, emergency, inpatient ...; null if it has no code of a terminology. */
  readonly class: Coding | null;
  readonly type: readonly CodeableConcept[];
  readonly period: Period | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly dischargeDisposition: CodeableConcept | null;
}

const ENCOUNTER_WIRE: WireOf<EncounterContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(ENCOUNTER_STATUSES),
  class: maybe(coding),
  type: list(concept),
  period: maybe(period),
  reasonCode: list(concept),
  dischargeDisposition: maybe(concept),
};

/** Reads an Encounter; undefined if it was entered in error. */
function parseEncounter(resource: Encounter): ParsedRecord<EncounterContent> | undefined {
  const status = toListed(resource.status, ENCOUNTER_STATUSES);
  if (status === null) return undefined;
  const { period, span, recorded } = parseHappened(undefined, resource.period);
  const [class_ = null] = parseConcept({ coding: [resource.class] }).coding;
  const content: EncounterContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Encounter', resource),
    status,
    class: class_,
    type: parseConcepts(resource.type),
    period,
    reasonCode: parseConcepts(resource.reasonCode),
    dischargeDisposition: parseOptional(resource.hospitalization?.dischargeDisposition),
  };
  return {
    content,
    span,
    codes: codingsOf(...content.type, ...content.reasonCode),
    categories: class_ === null ? [] : [class_.code],
  };
}

/** Adds Encounter: a visit or a stay, as FHIR R4 Encounter. */
function addEncounterType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodingRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('EncounterStatus', {
    description: 'The status of a visit or a stay, as FHIR EncounterStatus.',
    values: describedValues(ENCOUNTER_STATUS),
  });
  return builder.objectRef<Released & EncounterContent>('Encounter').implement({
    description: 'A visit or a stay, as FHIR R4 Encounter, except where it was and with whom.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: 'The status of the visit or stay.',
      }),
      class: t.expose('class', {
        type: CodingRef,
        nullable: true,
        description:
          'For example ambulatory, emergency or inpatient. Null without a code of a terminology.',
      }),
      type: t.expose('type', {
        type: [CodeableConceptRef],
        description: `What kind of visit or stay it is. ${EMPTY_UNCODED}`,
      }),
      period: t.expose('period', {
        type: PeriodRef,
        nullable: true,
        description: `From its beginning to its end. ${PERIOD_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why the patient came. ${EMPTY_UNCODED}`,
      }),
      dischargeDisposition: t.expose('dischargeDisposition', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where the patient went after a stay. ${NULL_UNCODED}`,
      }),
    }),
  });
}

/** FHIR R4 Encounter: how it is parsed, released, sent between nodes and shown in GraphQL. */
export const ENCOUNTER: Kind<Encounter, EncounterContent> = {
  dataClass: 'ENCOUNTER',
  name: 'Encounter',
  field: 'encounters',
  words: 'Visits and stays',
  filter: { codes: 'type and reasonCode', categories: 'class', value: false, range: 'period' },
  wire: ENCOUNTER_WIRE,
  parse: parseEncounter,
  addType: addEncounterType,
};
