import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { runForge } from '../../../contracts/forge.js';

const folder = new URL('../../../contracts/test/', import.meta.url);

interface Outcome {
  readonly status: string;
  readonly reason: string | null;
}

/** The tests that the sources contain, so that one that forge did not find is missed. */
function testsInSources(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.t.sol'))
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return [...text.matchAll(/function ((?:test|invariant)_\w+)/g)].map(([, name]) => name ?? '');
    });
}

/** Runs every test of the contracts, and wants each that the sources contain to have passed. */
export async function expectContractsHold(profile: 'default' | 'quick'): Promise<void> {
  const { stdout, stderr } = await runForge(['test', '--json'], profile);
  expect(stdout, stderr).toMatch(/^\{/);
  const suites = JSON.parse(stdout) as Record<
    string,
    { readonly test_results: Record<string, Outcome> }
  >;
  const outcomes = Object.values(suites).flatMap((suite) => Object.entries(suite.test_results));
  const failures = outcomes.filter(([, { status }]) => status !== 'Success');
  expect(failures.map(([name, { reason }]) => `${name}: ${reason}`)).toEqual([]);
  // setUp() stands in for the tests of a suite that did not begin.
  const names = outcomes.map(([signature]) => signature.replace(/\(.*$/, ''));
  expect(names.sort()).toEqual(testsInSources().sort());
  const [, seed] = /seed = "(\w+)"/.exec(foundryToml()) ?? [];
  console.log(`forge: ${names.length} tests, fuzz seed ${seed}`);
}

export function foundryToml(): string {
  return readFileSync(new URL('../foundry.toml', folder), 'utf8');
}
