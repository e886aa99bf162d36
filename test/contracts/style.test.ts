import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runForge } from '../../contracts/forge.js';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../contracts/', import.meta.url));
const solhint = require('solhint/lib/index.js') as {
  processFile(
    path: string,
    rules: object,
  ): {
    readonly reports: readonly { readonly ruleId: string; readonly line: number }[];
  };
};
const sources = ['.', 'test'].flatMap((part) =>
  readdirSync(new URL(`../../contracts/${part}/`, import.meta.url))
    .filter((file) => file.endsWith('.sol'))
    .map((file) => (part === '.' ? file : `${part}/${file}`)),
);

/** @returns what solhint complains of, by the rules of that folder; nothing if all is well. */
function complaintsOf(rules: string, files: readonly string[]): readonly string[] {
  const config = JSON.parse(readFileSync(`${folder}${rules}`, 'utf8')) as object;
  return files.flatMap((file) =>
    solhint
      .processFile(`${folder}${file}`, config)
      .reports.map(({ ruleId, line }) => `${file}:${line} ${ruleId}`),
  );
}
const isTest = (file: string) => file.startsWith('test/');

describe('the Solidity sources', () => {
  test('are found', () => {
    expect(sources.length).toBeGreaterThan(8);
  });

  test.each([
    ['.solhint.json', sources.filter((file) => !isTest(file))],
    ['test/.solhint.json', sources.filter(isTest)],
  ])('keep the rules of %s', (rules, files) => {
    expect(files.length).toBeGreaterThan(2);
    expect(complaintsOf(rules, files)).toEqual([]);
  });

  test('would not, with a fault in them', () => {
    // The tests break the stricter rules of the contracts, which shows that those are looked at.
    expect(complaintsOf('.solhint.json', ['test/Vm.sol']).join()).toContain(
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
