import type { Period } from '../core/time.js';
import type { CodeableConcept, Dated } from './model.js';
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
} from './wire-element.js';

export const REPORT_STATUSES = [
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

export const DIAGNOSTIC_REPORT_WIRE: WireOf<DiagnosticReportContent> = {
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
