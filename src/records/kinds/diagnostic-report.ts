import type { DiagnosticReport } from '@medplum/fhirtypes';
import type { Period } from '../../core/time.js';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf, spanOf } from '../fhir/date.js';
import { partialOf } from '../fhir/partial.js';
import { hull, parseHappened } from '../fhir/period.js';
import { DATE_NULL, EMPTY_UNCODED, NO_CODING, PERIOD_NULL } from '../model/elements.js';
import type { CodeableConcept, Dated, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  count,
  list,
  listed,
  maybe,
  partial,
  period,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './record.js';
import { REPORT_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const REPORT_STATUSES = [
  'REGISTERED',
  'PARTIAL',
  'PRELIMINARY',
  'FINAL',
  'AMENDED',
  'CORRECTED',
  'APPENDED',
  'CANCELLED',
  'UNKNOWN',
] as const;

/** What a DiagnosticReport says: neither its conclusion in words nor the presented form. */
export interface DiagnosticReportContent extends Dated {
  readonly status: (typeof REPORT_STATUSES)[number];
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly effective: Period | null;
  /** A civil date. */
  readonly issued: string | null;
  readonly conclusionCode: readonly CodeableConcept[];
  /** Observations that it refers to. They are rows of their own, if the consent opens them. */
  readonly resultCount: number;
}

const DIAGNOSTIC_REPORT_WIRE: WireOf<DiagnosticReportContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(REPORT_STATUSES),
  category: list(concept),
  code: concept,
  effective: maybe(period),
  issued: maybe(civilDate),
  conclusionCode: list(concept),
  resultCount: count,
};

/** Reads a DiagnosticReport; undefined if it was entered in error. */
function parseDiagnosticReport(
  resource: DiagnosticReport,
): ParsedRecord<DiagnosticReportContent> | undefined {
  const status = toListed(resource.status, REPORT_STATUSES);
  if (status === null) return undefined;
  const { effectiveDateTime, effectivePeriod, issued } = resource;
  const { period, span, recorded } = parseHappened(effectiveDateTime, effectivePeriod, issued);
  const content: DiagnosticReportContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('DiagnosticReport', resource),
    status,
    category: parseConcepts(resource.category),
    code: parseConcept(resource.code),
    effective: period,
    issued: civilDateOf(issued),
    conclusionCode: parseConcepts(resource.conclusionCode),
    resultCount: resource.result?.length ?? 0,
  };
  return {
    content,
    span: issued === undefined ? span : hull(span, spanOf(issued)),
    codes: codingsOf(content.code, ...content.conclusionCode),
    categories: codesOf(...content.category),
  };
}

/** Adds DiagnosticReport: what a laboratory or a department reported, as in FHIR R4. */
function addDiagnosticReportType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('DiagnosticReportStatus', {
    description: 'The status of a report, as FHIR DiagnosticReportStatus.',
    values: describedValues(REPORT_STATUS),
  });
  return builder.objectRef<Released & DiagnosticReportContent>('DiagnosticReport').implement({
    description: 'A report, as FHIR R4 DiagnosticReport, without its text and images.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'The status of the report.' }),
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `The department or discipline that made it. ${EMPTY_UNCODED}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `What was examined or reported. ${NO_CODING}`,
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: `The time that its results apply to. ${PERIOD_NULL}`,
      }),
      issued: t.expose('issued', {
        type: 'Date',
        nullable: true,
        description: `When this version was made available. ${DATE_NULL}`,
      }),
      conclusionCode: t.expose('conclusionCode', {
        type: [CodeableConceptRef],
        description: `Its coded conclusions. ${EMPTY_UNCODED}`,
      }),
      resultCount: t.exposeInt('resultCount', {
        description:
          'How many observations it refers to. Each is a row of its own, if the consent opens it.',
      }),
    }),
  });
}

/**
 * FHIR R4 DiagnosticReport: how it is parsed, released, sent between nodes and shown in GraphQL.
 */
export const DIAGNOSTIC_REPORT: Kind<DiagnosticReport, DiagnosticReportContent> = {
  dataClass: 'DIAGNOSTIC_REPORT',
  name: 'DiagnosticReport',
  field: 'diagnosticReports',
  words: 'Reports of laboratories and departments',
  filter: {
    codes: 'code and conclusionCode',
    categories: 'category',
    value: false,
    range: 'effective',
  },
  wire: DIAGNOSTIC_REPORT_WIRE,
  parse: parseDiagnosticReport,
  addType: addDiagnosticReportType,
};
