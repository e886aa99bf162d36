import colors from 'picocolors';
import type { ImportReport } from '../core/import-report.js';

/** Refusals printed in full of one file; the others are counted. */
const SHOWN = 5;

/** What became of one file, as lines for a terminal: taken, unchanged, and each refusal's place. */
export function linesOf({ file, taken, unchanged, refused }: ImportReport): string {
  const counts = [
    `taken ${taken}`,
    ...(unchanged > 0 ? [`unchanged ${unchanged}`] : []),
    ...(refused.length > 0 ? [`refused ${refused.length}`] : []),
  ].join(', ');
  const mark = refused.length === 0 ? colors.green('✓') : colors.yellow('!');
  const details = refused
    .slice(0, SHOWN)
    .map(({ path, code, detail }) => `    ${code} at ${path || 'the whole file'}: ${detail}`);
  const more = refused.length > SHOWN ? [`    and ${refused.length - SHOWN} more`] : [];
  return [`${mark} ${file}: ${counts}`, ...details, ...more].join('\n');
}

/** The sum over many files, in one line. */
export function summaryOf(reports: readonly ImportReport[]): string {
  const sum = (count: (report: ImportReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const taken = sum((report) => report.taken);
  const unchanged = sum((report) => report.unchanged);
  const refused = sum((report) => report.refused.length);
  return `${reports.length} files: taken ${taken}, unchanged ${unchanged}, refused ${refused}`;
}
