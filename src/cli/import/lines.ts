import colors from 'picocolors';
import {
  type EntryEnds,
  type ImportReport,
  NO_ENDS,
  refusedCount,
  sumOfEnds,
} from '../../core/import/import-report.js';

/** Refusals printed in full per file; the others are counted. */
const SHOWN = 5;

/** The report of one file as lines for a terminal: the counts, and each refusal's place. */
export function reportLinesOf(report: ImportReport): string {
  const { file, resumedLines = 0 } = report;
  const refused = refusedCount(report);
  const resumed = resumedLines > 0 ? [`continues after line ${resumedLines}`] : [];
  const hidden = Object.entries(report.withoutRow ?? {}).sort();
  const told = hidden.length > 0 ? [`without a row ${sumOf(hidden)}`] : [];
  const { localCodes = 0 } = report;
  const local = localCodes > 0 ? [`codes of no published terminology ${localCodes}`] : [];
  const counts = [...resumed, ...countsOf(report, refused), ...told, ...local].join(', ');
  const mark = refused === 0 ? colors.green('✓') : colors.yellow('!');
  const details = report.refused
    .slice(0, SHOWN)
    .map(({ path, code, detail }) => `    ${code} at ${path || 'the whole file'}: ${detail}`);
  const more = refused > SHOWN ? [`    and ${refused - SHOWN} more`] : [];
  const why = hidden.map(([element, count]) => `    no row: ${element} ${count}`);
  const notes = Object.entries(report.noted ?? {}).sort();
  const noted = notes.map(([what, count]) => `    ${what} (${count})`);
  return [`${mark} ${file}: ${counts}`, ...details, ...more, ...why, ...noted].join('\n');
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

/** The sum over many files, in one line. */
export function summaryOf(reports: readonly ImportReport[]): string {
  const ends = reports.reduce(sumOfEnds, NO_ENDS);
  const refused = reports.reduce((sum, report) => sum + refusedCount(report), 0);
  const counts = countsOf(ends, refused, { always: true });
  return `${reports.length} files: ${counts.join(', ')}`;
}

/** @param always - whether taken, unchanged and refused are printed even if they are 0. */
function countsOf(
  { taken, unchanged, deleted, withoutPatient }: EntryEnds,
  refused: number,
  { always = false } = {},
): readonly string[] {
  return [
    `taken ${taken}`,
    ...(always || unchanged > 0 ? [`unchanged ${unchanged}`] : []),
    ...(deleted > 0 ? [`deleted ${deleted}`] : []),
    ...(withoutPatient > 0 ? [`kept without a patient ${withoutPatient}`] : []),
    ...(always || refused > 0 ? [`refused ${refused}`] : []),
  ];
}
