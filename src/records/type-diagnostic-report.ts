import { type DiagnosticReportContent, REPORT_STATUSES } from './kind-diagnostic-report.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds DiagnosticReport: what a laboratory or a department reported, as in FHIR R4. */
export function addDiagnosticReportType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef } = types;
  const StatusEnum = builder.enumType('DiagnosticReportStatus', { values: REPORT_STATUSES });
  return builder.objectRef<Released & DiagnosticReportContent>('DiagnosticReport').implement({
    description: 'A report, as FHIR R4 DiagnosticReport, without a word or a picture of it.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum }),
      category: t.expose('category', { type: [CodeableConceptRef] }),
      code: t.expose('code', { type: CodeableConceptRef }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: 'Null if unknown or without an end.',
      }),
      issued: t.expose('issued', { type: 'Date', nullable: true }),
      conclusionCode: t.expose('conclusionCode', { type: [CodeableConceptRef] }),
      resultCount: t.exposeInt('resultCount', {
        description:
          'Observations that it refers to: rows of their own, if the consent opens them.',
      }),
    }),
  });
}
