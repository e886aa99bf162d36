import { readFileSync } from 'node:fs';
import { keccak256 } from 'viem';
import { expect, test } from 'vitest';
import { compileContracts } from '../../../contracts/compile.js';
import { linkRegister, readRegisterArtifact } from '../../../src/ledger/contract/artifact.js';

/** Eight seconds of processor, on a machine that may be busy with much else. */
const COMPILE_TIMEOUT_MS = 240_000;

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test(
  'what is committed is what the sources compile to',
  () => {
    const { artifact, abiModule } = compileContracts();
    expect(keccak256(Buffer.from(read('contracts/ConsentRegister.json')))).toBe(
      keccak256(Buffer.from(artifact)),
    );
    expect(read('src/ledger/contract/register-abi.ts')).toBe(abiModule);
  },
  COMPILE_TIMEOUT_MS,
);

test('linking writes each library’s address into every place that calls it, and nowhere else', () => {
  const artifact = readRegisterArtifact();
  const PoseidonT3 = `0x${'ab'.repeat(20)}` as const;
  const PoseidonT6 = `0x${'cd'.repeat(20)}` as const;
  const nobody = `0x${'00'.repeat(20)}` as const;
  const linked = linkRegister(artifact, { PoseidonT3, PoseidonT6 });
  expect(linked.length).toBe(artifact.bytecode.length);
  expect(linked.split('ab'.repeat(20)).length - 1).toBe(artifact.links.PoseidonT3.length);
  expect(linked.split('cd'.repeat(20)).length - 1).toBe(artifact.links.PoseidonT6.length);
  const unlinked = { ...artifact, bytecode: linked };
  expect(linkRegister(unlinked, { PoseidonT3: nobody, PoseidonT6: nobody })).toBe(
    artifact.bytecode,
  );
});
