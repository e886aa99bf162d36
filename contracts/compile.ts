/**
 * Compiles the contracts and writes what a node needs to run without a compiler: ConsentRegister.json here, and
 * src/ledger/contract/register-abi.ts, the same ABI as a constant so that every call is typed by it.
 *
 * Run: npx tsx contracts/compile.ts
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { keccak256 } from 'viem';

const require = createRequire(import.meta.url);

const SOURCES = {
  'ConsentRegister.sol': new URL('./ConsentRegister.sol', import.meta.url),
  'Epochs.sol': new URL('./Epochs.sol', import.meta.url),
  'IConsentRegister.sol': new URL('./IConsentRegister.sol', import.meta.url),
  'IIssuerLeaf.sol': new URL('./IIssuerLeaf.sol', import.meta.url),
  'IssuerLeaf.sol': new URL('./IssuerLeaf.sol', import.meta.url),
  'TopTree.sol': new URL('./TopTree.sol', import.meta.url),
  'Votes.sol': new URL('./Votes.sol', import.meta.url),
  'poseidon-solidity/PoseidonT3.sol': require.resolve('poseidon-solidity/PoseidonT3.sol'),
  'poseidon-solidity/PoseidonT6.sol': require.resolve('poseidon-solidity/PoseidonT6.sol'),
};

/** Poseidon of two for the trees, of five for issuer leaves. */
const LIBRARIES = ['PoseidonT3', 'PoseidonT6'] as const;
/** Anchors are many, deployments few: at 200 runs a Poseidon of two costs 30 k gas, at these 17 k. */
const LIBRARY_RUNS = 1_000_000;
/** At a million runs the register would have 24,378 of the 24,576 bytes that a contract may have. */
const REGISTER_RUNS = 200;

/** Where the 20 bytes of a library's address stand in the register's bytecode, in bytes. */
interface LinkReference {
  readonly start: number;
  readonly length: number;
}

interface Compiled {
  readonly abi: readonly unknown[];
  readonly evm: {
    readonly bytecode: {
      readonly object: string;
      readonly linkReferences: Record<string, Record<string, readonly LinkReference[]>>;
    };
    readonly deployedBytecode: { readonly object: string };
  };
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<string, Record<string, Compiled>>;
}

interface Solc {
  version(): string;
  compile(input: string): string;
}

export interface CompiledFiles {
  /** The text of contracts/ConsentRegister.json. */
  readonly artifact: string;
  /** The text of src/ledger/contract/register-abi.ts. */
  readonly abiModule: string;
}

/** Compiles from the sources alone: the same sources and compiler give the same bytes. */
export function compileContracts(): CompiledFiles {
  const sources = Object.entries(SOURCES).map(([name, file]) => [name, readFileSync(file, 'utf8')]);
  const solc = require('solc') as Solc;
  const registerFile = 'ConsentRegister.sol';
  const libraryFiles = LIBRARIES.map((name) => `poseidon-solidity/${name}.sol`);
  const given = Object.fromEntries(sources);
  const output = compile(solc, given, { runs: REGISTER_RUNS, files: [registerFile] });
  const hashing = compile(solc, given, { runs: LIBRARY_RUNS, files: libraryFiles });
  const register = contractOf(output, registerFile, 'ConsentRegister');
  const libraries = LIBRARIES.map((name) => {
    const file = `poseidon-solidity/${name}.sol`;
    const places = register.evm.bytecode.linkReferences[file]?.[name] ?? [];
    return { name, places, code: `0x${contractOf(hashing, file, name).evm.bytecode.object}` };
  });
  const artifact = {
    contractName: 'ConsentRegister',
    compiler: solc.version(),
    sourceHash: `0x${createHash('sha256').update(JSON.stringify(sources)).digest('hex')}`,
    deployedHash: hashUnlinked(register.evm.deployedBytecode.object),
    links: Object.fromEntries(libraries.map(({ name, places }) => [name, places])),
    libraries: Object.fromEntries(libraries.map(({ name, code }) => [name, code])),
    bytecode: `0x${register.evm.bytecode.object.replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40))}`,
    abi: register.abi,
  };
  return {
    artifact: `${JSON.stringify(artifact, null, 2)}\n`,
    abiModule: abiModuleOf(register.abi),
  };
}

/** Compiles all sources, and makes code of the contracts in some files alone. */
function compile(
  solc: Solc,
  sources: Record<string, string>,
  { runs, files }: { readonly runs: number; readonly files: readonly string[] },
): Output {
  const wanted = { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode'] };
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, content]) => [name, { content }]),
    ),
    settings: {
      optimizer: { enabled: true, runs },
      // The oldest EVM that consortium chains still run; nothing here needs a newer one.
      evmVersion: 'paris',
      // Without a metadata hash, the bytes do not change with a comment.
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: Object.fromEntries(files.map((file) => [file, wanted])),
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  const faults = (output.errors ?? []).filter(({ severity }) => severity !== 'info');
  if (faults.length > 0) throw new Error(faults.map((fault) => fault.formattedMessage).join('\n'));
  return output;
}

function contractOf(output: Output, file: string, name: string): Compiled {
  const contract = output.contracts[file]?.[name];
  if (contract === undefined) throw new Error(`The compiler gave no ${name}.`);
  return contract;
}

/** keccak256 of the runtime code before linking, with zeros for the library and the immutables. */
function hashUnlinked(object: string): string {
  return keccak256(`0x${object.replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40))}`);
}

function abiModuleOf(abi: readonly unknown[]): string {
  return [
    '// Generated by contracts/compile.ts from contracts/ConsentRegister.sol: do not edit.',
    '// biome-ignore-all format: one entry a line, as the compiler orders them.',
    'export const registerAbi = [',
    ...abi.map((entry) => `  ${JSON.stringify(entry)},`),
    '] as const;',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = compileContracts();
  writeFileSync(new URL('./ConsentRegister.json', import.meta.url), files.artifact);
  writeFileSync(
    new URL('../src/ledger/contract/register-abi.ts', import.meta.url),
    files.abiModule,
  );
}
