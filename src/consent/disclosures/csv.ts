import { isoFromSeconds } from '../../core/time.js';
import type { AccountedRelease } from './account.js';
import { statementOf } from './statement.js';

const COLUMNS = [
  'date',
  'recipient',
  'recipientAddress',
  'description',
  'purpose',
  'study',
  'sponsor',
  'requester',
  'consentHandle',
  'consentPolicy',
  'purposeCode',
  'dataClass',
  'count',
  'evidenceLeaf',
] as const;

/** What a spreadsheet would read as a formula, and run. @source OWASP, CSV Injection */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * An accounting as CSV: a header, then a row for each release. UTF-8, lines end in CRLF.
 *
 * No address is in it, because this institution knows none: the column stands there for an officer
 * who does.
 *
 * @source RFC 4180; 45 CFR 164.528(b)(2)
 */
export function accountingCsv(releases: readonly AccountedRelease[]): string {
  return csvOf([COLUMNS, ...releases.map(rowOf)]);
}

/** Rows of text as CSV. What begins as a formula does gets an apostrophe before it. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function rowOf(release: AccountedRelease): readonly string[] {
  const { record, study, consent, leaf } = release;
  const { recipient, description, purpose } = statementOf(release);
  const cells: Readonly<Record<(typeof COLUMNS)[number], string>> = {
    date: isoFromSeconds(record.at),
    recipient,
    recipientAddress: '',
    description,
    purpose,
    study: record.study,
    sponsor: study.sponsor,
    requester: consent?.requester ?? '',
    consentHandle: record.handle,
    consentPolicy: consent?.policy ?? '',
    purposeCode: record.purpose,
    dataClass: record.dataClass,
    count: String(record.count),
    evidenceLeaf: leaf ?? '',
  };
  return COLUMNS.map((column) => cells[column]);
}

function cellOf(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
