import cliProgress from 'cli-progress';
import colors from 'picocolors';

/** Shows the progress of long work: a bar on a terminal, elsewhere a line at each tenth. */
export interface Progress {
  /** A step with a known number of parts. */
  begin(label: string, total: number): ProgressStep;
  /** A long file, measured by its bytes. */
  beginFile(name: string, sizeBytes: number): FileStep;
  /** A step that is done at once. */
  note(label: string): void;
}

export interface FileStep {
  /** Called with the bytes and resources done so far. */
  readonly reach: (reached: { readonly bytes: number; readonly resources: number }) => void;
  end(): void;
}

/** Smaller files are done before a bar is useful. */
const BAR_BYTES = 4 * 1024 * 1024;

export interface ProgressStep {
  advance(parts?: number): void;
  end(result?: string): void;
}

/** Progress on stderr, so that another program can read a command's stdout. */
export function terminalProgress(): Progress {
  return process.stderr.isTTY ? barProgress() : lineProgress();
}

const NO_STEP: FileStep = { reach: () => undefined, end: () => undefined };

/** No output, for work that nobody watches. */
export const silentProgress: Progress = {
  begin: () => ({ advance: () => undefined, end: () => undefined }),
  beginFile: () => NO_STEP,
  note: () => undefined,
};

function barProgress(): Progress {
  return {
    begin(label, total) {
      const startedMs = Date.now();
      const bar = new cliProgress.SingleBar(
        {
          format: `  ${label.padEnd(34)} {bar} {value}/{total}`,
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(total, 0);
      return {
        advance: (parts = 1) => bar.increment(parts),
        end(result = '') {
          bar.stop();
          writeDone(label, result, startedMs);
        },
      };
    },
    beginFile: barOfFile,
    note: (label) => writeDone(label, ''),
  };
}

function barOfFile(name: string, sizeBytes: number): FileStep {
  if (sizeBytes < BAR_BYTES) return NO_STEP;
  const startedMs = Date.now();
  const bar = new cliProgress.SingleBar({
    format: `  ${name} {bar} {percentage}% of {size}, {rate} resources/s, {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
    barCompleteChar: '\u2588',
    barIncompleteChar: '\u2591',
  });
  bar.start(sizeBytes, 0, { rate: '-', size: sizeOf(sizeBytes) });
  return {
    reach: ({ bytes, resources }) =>
      bar.update(bytes, { rate: rateOf(resources, startedMs), size: sizeOf(sizeBytes) }),
    end: () => bar.stop(),
  };
}

function linesOfFile(name: string, sizeBytes: number): FileStep {
  if (sizeBytes < BAR_BYTES) return NO_STEP;
  const startedMs = Date.now();
  let tenths = 0;
  return {
    reach({ bytes, resources }) {
      const reached = Math.floor((bytes * 10) / sizeBytes);
      if (reached <= tenths || reached >= 10) return;
      tenths = reached;
      const leftSeconds = ((Date.now() - startedMs) / 1000) * (sizeBytes / bytes - 1);
      process.stderr.write(
        `  ${name}: ${reached}0% of ${sizeOf(sizeBytes)}, ${rateOf(resources, startedMs)} ` +
          `resources/s, ${Math.ceil(leftSeconds)} s left\n`,
      );
    },
    end: () => undefined,
  };
}

function rateOf(resources: number, startedMs: number): string {
  return Math.round((resources * 1000) / Math.max(1, Date.now() - startedMs)).toString();
}

function sizeOf(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}

function lineProgress(): Progress {
  return {
    begin(label, total) {
      const startedMs = Date.now();
      let done = 0;
      let tenths = 0;
      return {
        advance(parts = 1) {
          done += parts;
          const reached = Math.floor((done * 10) / Math.max(total, 1));
          if (reached > tenths && reached < 10) {
            tenths = reached;
            process.stderr.write(`  ${label}: ${done}/${total}\n`);
          }
        },
        end: (result = '') => writeDone(label, result, startedMs),
      };
    },
    beginFile: linesOfFile,
    note: (label) => writeDone(label, ''),
  };
}

function writeDone(label: string, result: string, startedMs?: number): void {
  const time =
    startedMs === undefined ? '' : colors.dim(`${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  process.stderr.write(`${colors.green('✓')} ${label.padEnd(34)} ${result.padEnd(34)} ${time}\n`);
}
