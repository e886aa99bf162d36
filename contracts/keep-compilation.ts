/**
 * Compiles the contracts' tests and keeps what came of it in test/compilation.br, so that a fresh clone need not.
 *
 * Run after a change of a test or of the compiler: npx tsx contracts/keep-compilation.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runForge } from './forge.js';

const folder = mkdtempSync(join(tmpdir(), 'assent-forge-'));
const places = ['--out', join(folder, 'out'), '--cache-path', join(folder, 'cache')];
const { exitCode, stderr } = await runForge(['build', '--force', ...places], 'quick', {
  ASSENT_SOLC: 'keep',
});
rmSync(folder, { recursive: true });
if (exitCode !== 0) process.stderr.write(stderr);
process.exitCode = exitCode ?? 1;
