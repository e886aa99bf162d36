import { readFileSync } from 'node:fs';
import type { Hex } from 'viem';
import { z } from 'zod';

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/.test(value));

/** The Poseidon libraries that the register is linked to: of two inputs, and of five. */
export const LIBRARIES = ['PoseidonT3', 'PoseidonT6'] as const;
export type LibraryName = (typeof LIBRARIES)[number];

const places = z.array(z.object({ start: z.number().int(), length: z.literal(20) })).min(1);

const artifactForm = z.object({
  compiler: z.string(),
  sourceHash: hex,
  deployedHash: hex,
  links: z.object({ PoseidonT3: places, PoseidonT6: places }),
  libraries: z.object({ PoseidonT3: hex, PoseidonT6: hex }),
  bytecode: hex,
});

/** The compiled contract as it is committed, so that running needs no compiler. */
export type RegisterArtifact = z.infer<typeof artifactForm>;

/**
 * Reads contracts/ConsentRegister.json, whose relative path is the same from src/ and from dist/.
 */
export function readRegisterArtifact(): RegisterArtifact {
  const file = new URL('../../../contracts/ConsentRegister.json', import.meta.url);
  return artifactForm.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The creation code, with each library's address inserted wherever it is called. */
export function linkRegister(
  artifact: RegisterArtifact,
  addresses: Readonly<Record<LibraryName, Hex>>,
): Hex {
  let code = artifact.bytecode.slice(2);
  for (const library of LIBRARIES) {
    const address = addresses[library].slice(2).toLowerCase();
    for (const { start, length } of artifact.links[library]) {
      code = code.slice(0, 2 * start) + address + code.slice(2 * (start + length));
    }
  }
  return `0x${code}`;
}
