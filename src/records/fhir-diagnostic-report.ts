import type { DiagnosticReport } from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { hull, parseHappened } from './fhir-period.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './fhir-record.js';
import { type DiagnosticReportContent, REPORT_STATUSES } from './kind-diagnostic-report.js';

/** Reads a DiagnosticReport; undefined if it was entered in error. */
export function parseDiagnosticReport(
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
