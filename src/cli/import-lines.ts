import colors from 'picocolors';
import { type ImportReport, refusedCount } from '../core/import-report.js';

/** Refusals printed in full of one file; the others are counted. */
const SHOWN = 5;

/** What became of one file, as lines for a terminal: taken, unchanged, and each refusal's place. */
export function linesOf(report: ImportReport): string {
  const { file, taken, unchanged, resumedLines = 0 } = report;
  const refused = refusedCount(report);
  const hidden = Object.entries(report.withoutRow ?? {}).sort();
  const counts = [
    ...(resumedLines > 0 ? [`goes on behind line ${resumedLines}`] : []),
    `taken ${taken}`,
    ...(unchanged > 0 ? [`unchanged ${unchanged}`] : []),
    ...(refused > 0 ? [`refused ${refused}`] : []),
    ...(hidden.length > 0 ? [`told as no row ${sumOf(hidden)}`] : []),
  ].join(', ');
  const mark = refused === 0 ? colors.green('✓') : colors.yellow('!');
  const details = report.refused
    .slice(0, SHOWN)
    .map(({ path, code, detail }) => `    ${code} at ${path || 'the whole file'}: ${detail}`);
  const more = refused > SHOWN ? [`    and ${refused - SHOWN} more`] : [];
  const why = hidden.map(([element, count]) => `    no row: ${element} ${count}`);
  return [`${mark} ${file}: ${counts}`, ...details, ...more, ...why].join('\n');
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

/** The sum over many files, in one line. */
export function summaryOf(reports: readonly ImportReport[]): string {
  const sum = (count: (report: ImportReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const taken = sum((report) => report.taken);
  const unchanged = sum((report) => report.unchanged);
  const refused = sum(refusedCount);
  return `${reports.length} files: taken ${taken}, unchanged ${unchanged}, refused ${refused}`;
}
