import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runForge } from '../../contracts/forge.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../contracts/', import.meta.url));
const solhint = require.resolve('solhint/solhint.js');
const sources = ['.', 'test'].flatMap((part) =>
  readdirSync(new URL(`../../contracts/${part}/`, import.meta.url))
    .filter((file) => file.endsWith('.sol'))
    .map((file) => (part === '.' ? file : `${part}/${file}`)),
);

/** @returns what solhint complains of; nothing if all is well. */
async function complaintsOf(...parameters: string[]): Promise<string> {
  const command = [solhint, '--disc', '--max-warnings', '0', ...parameters];
  const answer = await run(process.execPath, command, { cwd: folder }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  );
  return (answer.stdout + answer.stderr).trim();
}

describe('the Solidity sources', () => {
  test('are found', () => {
    expect(sources.length).toBeGreaterThan(8);
  });

  test.each([
    ['.solhint.json', '*.sol'],
    ['test/.solhint.json', 'test/*.sol'],
  ])('keep the rules of %s', async (config, files) => {
    expect(await complaintsOf('-c', config, files)).toBe('');
  });

  test('would not, with a fault in them', async () => {
    // The tests break the stricter rules of the contracts, which shows that those are looked at.
    expect(await complaintsOf('-c', '.solhint.json', 'test/Vm.sol')).toContain(
      'interface-starts-with-i',
    );
  });

  test('are formatted as forge formats them', async () => {
    const { exitCode, stdout } = await runForge(['fmt', '--check']);
    expect(stdout).toBe('');
    expect(exitCode).toBe(0);
  });

  test.each(sources)('%s fits 100 columns and 400 lines', (file) => {
    const lines = readFileSync(new URL(`../../contracts/${file}`, import.meta.url), 'utf8');
    expect(lines.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(lines.split('\n').length).toBeLessThanOrEqual(401);
  });
});
