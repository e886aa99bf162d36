import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSeededLines } from '../../../bench/import/seeded-lines.js';
import { assent, startAssent } from '../../support/cli/assent.js';

const RESOURCES = 40_000;
/** The engine, the definitions in three threads, and what V8 leaves lying: it does not grow. */
const MAX_MB = 1_600;

test('an import that is killed goes on where it had committed, in memory of one size', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assent-kill-'));
  try {
    const [path, refusals] = [join(folder, 'seeded.ndjson'), join(folder, 'refusals.ndjson')];
    await writeSeededLines(path, RESOURCES);
    await writeFile(path, '{broken\n', { flag: 'a' });
    const args = [
      ...['--state-folder', join(folder, 'state'), 'import', 'fhir', path],
      ...['--institution', 'riverside-hospital', '--refusals', refusals, '--threads', '2'],
    ];
    const first = startAssent(args);
    await first.untilPrinted(/ 30% of /, 1_800_000);
    await first.end('SIGKILL');

    const second = startAssent(args);
    await second.untilPrinted(/ 80% of /, 1_800_000);
    const status = await readFile(`/proc/${second.pid}/status`, 'utf8');
    const { code, stdout } = await second.ended;
    expect(code).toBe(2);
    const [, line, taken] = /continues after line (\d+), taken (\d+), refused 1/.exec(stdout) ?? [];
    expect(Number(line)).toBeGreaterThanOrEqual(RESOURCES / 4);
    expect(Number(line) + Number(taken)).toBe(RESOURCES);
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024).toBeLessThan(MAX_MB);
    expect(JSON.parse(await readFile(refusals, 'utf8'))).toMatchObject({
      file: 'seeded.ndjson',
      path: `line ${RESOURCES + 1}`,
      code: 'JSON_MALFORMED',
    });

    const third = await assent(args);
    expect(third.stdout).toContain(`taken 0, unchanged ${RESOURCES}, refused 1`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
