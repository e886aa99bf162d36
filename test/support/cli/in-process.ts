import { vi } from 'vitest';
import { lineOf } from '../../../src/cli/process/exit.js';
import { createProgram } from '../../../src/cli/program.js';
import type { Ended } from './assent.js';

/**
 * Runs `assent` to its end in this process: what it printed and how it would have ended. A process
 * of its own takes a second to begin; that the command is one at all is what the package's test
 * and commands.test.ts show.
 */
export async function assentInProcess(args: readonly string[]): Promise<Ended> {
  const before = process.exitCode;
  process.exitCode = undefined;
  const [stdout, stderr] = [recordOf(process.stdout), recordOf(process.stderr)];
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } catch (thrown) {
    return {
      code: 1,
      stdout: stdout.text(),
      stderr: `${stderr.text()}assent: ${lineOf(thrown)}\n`,
    };
  } finally {
    stdout.end();
    stderr.end();
    process.exitCode = before;
  }
}

function recordOf(stream: NodeJS.WriteStream) {
  let written = '';
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
  return { text: () => written, end: () => spy.mockRestore() };
}
