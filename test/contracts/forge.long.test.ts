import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runForge } from '../../contracts/forge.js';
import { expectContractsHold } from '../support/contracts/contract-tests.js';

test('the register does what its contract tests say, fuzzed for longer', async () => {
  await expectContractsHold('default');
  expect.hasAssertions();
});

/** The bytecode of every contract of the tests, by its path. */
async function bytecodes(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-forge-'));
  const out = join(folder, 'out');
  const places = ['--out', out, '--cache-path', join(folder, 'cache')];
  const { exitCode, stderr } = await runForge(['build', '--force', ...places], 'quick', env);
  expect(exitCode, stderr).toBe(0);
  const paths = readdirSync(out, { recursive: true, encoding: 'utf8' });
  const entries = paths
    .filter((path) => path.endsWith('.json') && !path.startsWith('build-info'))
    .map((path) => {
      const artifact = JSON.parse(readFileSync(join(out, path), 'utf8')) as {
        readonly bytecode: { readonly object: string };
      };
      return [path, artifact.bytecode.object] as const;
    });
  rmSync(folder, { recursive: true });
  return Object.fromEntries(entries);
}

test('the compilation that is committed is what the compiler makes of these tests', async () => {
  const fresh = await bytecodes({ ASSENT_SOLC: 'fresh' });
  expect(Object.keys(fresh).length).toBeGreaterThan(5);
  expect(await bytecodes({ ASSENT_SOLC: 'kept' })).toEqual(fresh);
});
