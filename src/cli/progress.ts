import cliProgress from 'cli-progress';
import colors from 'picocolors';

/** Says how far long work is: a bar on a terminal, a line at each tenth elsewhere. */
export interface Progress {
  /** A step with a known number of parts. */
  begin(label: string, total: number): ProgressStep;
  /** A step that is over at once. */
  note(label: string): void;
}

export interface ProgressStep {
  advance(parts?: number): void;
  end(result?: string): void;
}

/** Progress on stderr, so that what a command prints on stdout can be read by another. */
export function terminalProgress(): Progress {
  return process.stderr.isTTY ? barProgress() : lineProgress();
}

/** For work that nobody watches. */
export const silentProgress: Progress = {
  begin: () => ({ advance: () => undefined, end: () => undefined }),
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
    note: (label) => writeDone(label, ''),
  };
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
    note: (label) => writeDone(label, ''),
  };
}

function writeDone(label: string, result: string, startedMs?: number): void {
  const time =
    startedMs === undefined ? '' : colors.dim(`${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  process.stderr.write(`${colors.green('✓')} ${label.padEnd(34)} ${result.padEnd(34)} ${time}\n`);
}
