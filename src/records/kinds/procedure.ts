import type { Procedure } from '@medplum/fhirtypes';
import type { Period } from '../../core/time.js';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf } from '../fhir/date.js';
import { partialOf } from '../fhir/partial.js';
import { parseHappened } from '../fhir/period.js';
import {
  EMPTY_UNCODED,
  NO_CODING,
  NOT_DONE,
  NULL_UNCODED,
  PERIOD_NULL,
} from '../model/elements.js';
import type { CodeableConcept, Dated, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  list,
  listed,
  maybe,
  partial,
  period,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './record.js';
import { PROCEDURE_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const PROCEDURE_STATUSES = [
  'PREPARATION',
  'IN_PROGRESS',
  'NOT_DONE',
  'ON_HOLD',
  'STOPPED',
  'COMPLETED',
  'UNKNOWN',
] as const;

/** What a Procedure says. */
export interface ProcedureContent extends Dated {
  readonly status: (typeof PROCEDURE_STATUSES)[number];
  readonly statusReason: CodeableConcept | null;
  readonly category: CodeableConcept | null;
  readonly code: CodeableConcept;
  readonly performed: Period | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly bodySite: readonly CodeableConcept[];
  readonly outcome: CodeableConcept | null;
  readonly complication: readonly CodeableConcept[];
}

const PROCEDURE_WIRE: WireOf<ProcedureContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(PROCEDURE_STATUSES),
  statusReason: maybe(concept),
  category: maybe(concept),
  code: concept,
  performed: maybe(period),
  reasonCode: list(concept),
  bodySite: list(concept),
  outcome: maybe(concept),
  complication: list(concept),
};

/** Reads a Procedure; undefined if it was entered in error. */
function parseProcedure(resource: Procedure): ParsedRecord<ProcedureContent> | undefined {
  const status = toListed(resource.status, PROCEDURE_STATUSES);
  if (status === null) return undefined;
  const { performedDateTime, performedPeriod } = resource;
  const { period, span, recorded } = parseHappened(performedDateTime, performedPeriod);
  const content: ProcedureContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Procedure', resource),
    status,
    statusReason: parseOptional(resource.statusReason),
    category: parseOptional(resource.category),
    code: parseConcept(resource.code),
    performed: period,
    reasonCode: parseConcepts(resource.reasonCode),
    bodySite: parseConcepts(resource.bodySite),
    outcome: parseOptional(resource.outcome),
    complication: parseConcepts(resource.complication),
  };
  return {
    content,
    span,
    codes: codingsOf(content.code),
    categories: content.category === null ? [] : codesOf(content.category),
  };
}

/** Adds Procedure: something done to the participant, as FHIR R4 Procedure. */
function addProcedureType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('ProcedureStatus', {
    description: 'The status of a procedure, as FHIR EventStatus.',
    values: describedValues(PROCEDURE_STATUS),
  });
  return builder.objectRef<Released & ProcedureContent>('Procedure').implement({
    description: 'Something done to or for the participant, as FHIR R4 Procedure.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: NOT_DONE,
      }),
      statusReason: t.expose('statusReason', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Why it was not done. ${NULL_UNCODED}`,
      }),
      category: t.expose('category', {
        type: CodeableConceptRef,
        nullable: true,
        description: `For example surgical or diagnostic. ${NULL_UNCODED}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `What was done. ${NO_CODING}`,
      }),
      performed: t.expose('performed', {
        type: PeriodRef,
        nullable: true,
        description: `When it was done. ${PERIOD_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was done. ${EMPTY_UNCODED}`,
      }),
      bodySite: t.expose('bodySite', {
        type: [CodeableConceptRef],
        description: `Where on the body. ${EMPTY_UNCODED}`,
      }),
      outcome: t.expose('outcome', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it ended, for example successful. ${NULL_UNCODED}`,
      }),
      complication: t.expose('complication', {
        type: [CodeableConceptRef],
        description: `What went wrong during or after it. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}

/** FHIR R4 Procedure: how it is parsed, released, sent between nodes and shown in GraphQL. */
export const PROCEDURE: Kind<Procedure, ProcedureContent> = {
  dataClass: 'PROCEDURE',
  name: 'Procedure',
  field: 'procedures',
  words: 'What was done to or for the participant',
  filter: { codes: 'code', categories: 'category', value: false, range: 'performed' },
  wire: PROCEDURE_WIRE,
  parse: parseProcedure,
  addType: addProcedureType,
};
