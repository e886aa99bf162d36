/**
 * npm run circuits [-- --ptau PATH]: compiles the statements, sets them up and writes artifacts/.
 *
 * A circuit whose constraints did not change keeps its keys, so running it again changes nothing.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { r1cs as r1csFile } from 'snarkjs';
import { type Compiled, compileCircuit, publicSignalsOf, sha256OfFile } from './compile.js';
import {
  CIRCUITS_FOLDER,
  circuits,
  hashOfSources,
  type StatementName,
  writeGeneratedFiles,
} from './generate.js';
import { makePtau, setUp } from './setup.js';

const BUILD = join(CIRCUITS_FOLDER, 'build');
const ARTIFACTS = join(CIRCUITS_FOLDER, 'artifacts');
const MANIFEST = join(ARTIFACTS, 'manifest.json');
const SIZES = join(CIRCUITS_FOLDER, 'sizes.json');

interface ManifestEntry {
  readonly constraints: number;
  readonly r1csSha256: string;
  /** File name in artifacts/ to its SHA-256. */
  readonly files: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly setup: 'development' | 'ceremony';
  /** Of the sources that every artifact was built from; empty while a build is under way. */
  readonly sourcesSha256: string;
  readonly statements: Record<string, ManifestEntry>;
}

function progress(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

function readManifest(): Manifest {
  if (!existsSync(MANIFEST)) return { setup: 'development', sourcesSha256: '', statements: {} };
  return JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.tmp`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}

/** Puts a file in artifacts/ whole or not at all; its hash. */
function publish(name: string, write: (temporary: string) => void): string {
  const path = join(ARTIFACTS, name);
  write(`${path}.tmp`);
  const hash = sha256OfFile(`${path}.tmp`);
  renameSync(`${path}.tmp`, path);
  return hash;
}

async function measure(name: StatementName, compiled: Compiled) {
  const { nConstraints, nVars, nPubInputs, nOutputs } = (await r1csFile.info(compiled.r1cs)) as {
    nConstraints: number;
    nVars: number;
    nPubInputs: number;
    nOutputs: number;
  };
  const { maximumConstraints } = circuits.statements[name];
  if (nConstraints > maximumConstraints) {
    throw new Error(`${name}: ${nConstraints} constraints, allowed ${maximumConstraints}`);
  }
  const order = publicSignalsOf(compiled.sym, nPubInputs + nOutputs).join();
  if (order !== circuits.publicSignals.join()) throw new Error(`${name}: public signals ${order}`);
  return { constraints: nConstraints, wires: nVars, maximumConstraints };
}

/** The powers of tau that so many constraints and public signals need; snarkjs counts one more. */
function powerOf(constraints: number): number {
  return Math.ceil(Math.log2(constraints + circuits.publicSignals.length + 1));
}

async function buildStatement(name: StatementName, ptau: (power: number) => Promise<string>) {
  progress(`${name}: compiling`);
  const compiled = await compileCircuit(join(CIRCUITS_FOLDER, `${name}.circom`), BUILD);
  const size = await measure(name, compiled);
  progress(`${name}: ${size.constraints} constraints of ${size.maximumConstraints}`);
  const r1csSha256 = sha256OfFile(compiled.r1cs);
  const before = readManifest().statements[name];
  if (before?.r1csSha256 === r1csSha256) {
    progress(`${name}: unchanged, keeps its keys`);
    return { size, entry: before };
  }
  const folder = join(BUILD, `${name}-${r1csSha256.slice(0, 16)}`);
  const tau = await ptau(powerOf(size.constraints));
  const { zkey, verificationKey } = await setUp(compiled.r1cs, tau, folder, (line) =>
    progress(`${name}: ${line}`),
  );
  const files = {
    [`${name}.wasm`]: publish(`${name}.wasm`, (to) => copyFileSync(compiled.wasm, to)),
    [`${name}.zkey`]: publish(`${name}.zkey`, (to) => copyFileSync(zkey, to)),
    [`${name}.vkey.json`]: publish(`${name}.vkey.json`, (to) =>
      writeFileSync(to, `${JSON.stringify(verificationKey, null, 1)}\n`),
    ),
  };
  return { size, entry: { constraints: size.constraints, r1csSha256, files } };
}

async function main(): Promise<void> {
  const option = process.argv.indexOf('--ptau');
  const given = option === -1 ? process.env.ASSENT_PTAU : process.argv[option + 1];
  mkdirSync(ARTIFACTS, { recursive: true });
  writeGeneratedFiles();
  const sizes: Record<string, unknown> = {};
  for (const name of Object.keys(circuits.statements) as StatementName[]) {
    const { size, entry } = await buildStatement(
      name,
      async (power) => given ?? makePtau(BUILD, power, progress),
    );
    sizes[name] = size;
    const manifest = readManifest();
    const statements = { ...manifest.statements, [name]: entry };
    writeJson(MANIFEST, { ...manifest, sourcesSha256: '', statements });
  }
  const { setup, statements } = readManifest();
  writeJson(MANIFEST, { setup, sourcesSha256: hashOfSources(), statements });
  writeJson(SIZES, sizes);
  progress('done');
}

await main();
// snarkjs leaves its worker threads running.
process.exit(0);
