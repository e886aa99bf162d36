/**
 * Writes what circom needs to know of circuits.json: the kinds as functions, and a main per instance.
 * The generated files are committed, and a test fails when they drift from circuits.json.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export type StatementName = 'consent' | 'accreditation' | 'eligibility';

interface StatementSource {
  readonly template: string;
  readonly file: string;
  readonly parameters: readonly number[];
  readonly maximumConstraints: number;
}

interface Circuits {
  readonly kinds: Readonly<Record<string, number>>;
  readonly publicSignals: readonly string[];
  readonly statements: Readonly<Record<StatementName, StatementSource>>;
}

export const CIRCUITS_FOLDER = fileURLToPath(new URL('.', import.meta.url));

export const circuits = JSON.parse(
  readFileSync(`${CIRCUITS_FOLDER}circuits.json`, 'utf8'),
) as Circuits;

const HEADER =
  '// Written by circuits/generate.ts from circuits/circuits.json: change that, not this.\n';

/** The kinds as circom functions, KIND_CONSENT() and so on. */
export function kindsSource(): string {
  const functions = Object.entries(circuits.kinds).map(
    ([name, value]) => `function KIND_${name}() { return ${value}; }\n`,
  );
  return `${HEADER}pragma circom 2.2.0;\n\n${functions.join('')}`;
}

/**
 * The main of an instance of a statement.
 *
 * @param parameters - its own for the real one; fewer levels for a small one that tests attack.
 * @param lib - the folder of the templates as the main sees it, with its last slash.
 */
export function mainSource(
  name: StatementName,
  parameters: readonly number[] = circuits.statements[name].parameters,
  lib = 'lib/',
): string {
  const { template, file } = circuits.statements[name];
  const publicSignals = circuits.publicSignals.join(', ');
  return `${HEADER}pragma circom 2.2.0;

include "${lib}${file}";

component main { public [${publicSignals}] } = ${template}(${parameters.join(', ')});
`;
}

/** Every generated file, by its path inside circuits/. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['lib/kinds.circom', kindsSource()],
    ['consent.circom', mainSource('consent')],
    ['accreditation.circom', mainSource('accreditation')],
    ['eligibility.circom', mainSource('eligibility')],
  ]);
}

export function writeGeneratedFiles(): void {
  for (const [path, text] of generatedFiles()) writeFileSync(`${CIRCUITS_FOLDER}${path}`, text);
}

/** What the compiled circuits depend on: our sources, circomlib's version and the compiler's. */
export function hashOfSources(): string {
  const require = createRequire(import.meta.url);
  const hash = createHash('sha256');
  const lib = readdirSync(`${CIRCUITS_FOLDER}lib`).map((name) => `lib/${name}`);
  for (const path of [...generatedFiles().keys(), ...lib].sort()) {
    hash.update(`${path}\0`).update(readFileSync(`${CIRCUITS_FOLDER}${path}`));
  }
  for (const name of ['circomlib', 'circom2']) {
    const { version } = require(`${name}/package.json`) as { version: string };
    hash.update(`${name}\0${version}\0`);
  }
  return hash.digest('hex');
}
