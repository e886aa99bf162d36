import { describedValues } from '../graph/words.js';
import type { DiagnosticReportContent } from './kind-diagnostic-report.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import { DATE_NULL, EMPTY_UNCODED, NO_CODING, PERIOD_NULL } from './words/elements.js';
import { REPORT_STATUS } from './words/statuses.js';

/** Adds DiagnosticReport: what a laboratory or a department reported, as in FHIR R4. */
export function addDiagnosticReportType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('DiagnosticReportStatus', {
    description: 'How far a report is, as FHIR DiagnosticReportStatus.',
    values: describedValues(REPORT_STATUS),
  });
  return builder.objectRef<Released & DiagnosticReportContent>('DiagnosticReport').implement({
    description: 'A report, as FHIR R4 DiagnosticReport, without a word or a picture of it.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'How far the report is.' }),
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `The department or discipline that made it. ${EMPTY_UNCODED}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `What the report is of. ${NO_CODING}`,
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: `The time that its results are of. ${PERIOD_NULL}`,
      }),
      issued: t.expose('issued', {
        type: 'Date',
        nullable: true,
        description: `When this version was made available. ${DATE_NULL}`,
      }),
      conclusionCode: t.expose('conclusionCode', {
        type: [CodeableConceptRef],
        description: `Its conclusion, as far as it is coded. ${EMPTY_UNCODED}`,
      }),
      resultCount: t.exposeInt('resultCount', {
        description:
          'How many observations it refers to. They are rows of their own, if the consent opens them.',
      }),
    }),
  });
}
