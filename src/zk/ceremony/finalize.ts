import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { readJsonFile } from '../../core/import/json-file.js';
import type { Progress } from './begin.js';
import { readBytes, writeWhole } from './folder.js';
import { countConstraints } from './phase-two.js';
import { contributorsOf, lastHead, type Transcript } from './transcript.js';
import { type CeremonyEvidence, verifyCeremony } from './verify-ceremony.js';

export interface Publication extends CeremonyEvidence {
  /** The folder of the artifacts; a manifest in it keeps its other statements. */
  readonly out: string;
  /** The witness calculator that was compiled with the constraints. */
  readonly wasm?: string;
}

const entry = z.looseObject({
  r1csSha256: z.string(),
  files: z.record(z.string(), z.string()),
  ceremony: z.unknown().optional(),
});
const manifest = z.looseObject({ setup: z.string(), statements: z.record(z.string(), entry) });
type Manifest = z.infer<typeof manifest>;

/**
 * Publishes a complete ceremony's keys: verifies all of it once more, then writes NAME.zkey, NAME.vkey.json
 * and the manifest's entry, which names the contributors and the transcript's head.
 *
 * The manifest says 'ceremony' once every statement in it has one; until then it stays what it was.
 *
 * @returns the head of the transcript and the SHA-256 of each file written.
 * @throws CEREMONY_OUT_OF_ORDER without two contributions and a beacon, STATE_UNWRITABLE, BAD_INPUT
 * for a manifest that is malformed, and what verifyCeremony throws
 */
export async function finalizeCeremony(publication: Publication, progress: Progress) {
  const { transcript, isComplete, key, verificationKey, r1cs } = await verifyCeremony(
    publication,
    progress,
  );
  if (!isComplete) throw new DomainError('CEREMONY_OUT_OF_ORDER', { complete: false });
  const { name } = transcript.opening.circuit;
  const wasm = publication.wasm === undefined ? [] : [await readBytes(publication.wasm)];
  const before = await readManifest(publication.out);
  progress('writing the keys');
  const contents: readonly (readonly [file: string, content: string | Uint8Array])[] = [
    ...wasm.map((bytes) => [`${name}.wasm`, bytes] as const),
    [`${name}.zkey`, key],
    [`${name}.vkey.json`, `${JSON.stringify(verificationKey, null, 1)}\n`],
  ];
  const files = Object.fromEntries(contents.map(([file, content]) => [file, sha256Hex(content)]));
  for (const [file, content] of contents) await writeWhole(join(publication.out, file), content);
  const after = withEntry(before, transcript, await countConstraints(r1cs), files);
  await writeWhole(join(publication.out, 'manifest.json'), `${JSON.stringify(after, null, 2)}\n`);
  return { head: lastHead(transcript), files };
}

function withEntry(
  before: Manifest,
  transcript: Transcript,
  constraints: number,
  files: Readonly<Record<string, string>>,
): Manifest {
  const { circuit, ptau } = transcript.opening;
  const known = before.statements[circuit.name];
  // The witness calculator of the same constraints stays, if none came with this ceremony.
  const kept = known?.r1csSha256 === circuit.r1csSha256 ? known.files : {};
  const ceremony = {
    ptauBlake2b: ptau.blake2b,
    contributors: contributorsOf(transcript),
    head: lastHead(transcript),
  };
  const made = {
    constraints,
    r1csSha256: circuit.r1csSha256,
    files: { ...kept, ...files },
    ceremony,
  };
  const statements = { ...before.statements, [circuit.name]: made };
  const isWhole = Object.values(statements).every((one) => one.ceremony !== undefined);
  return { ...before, setup: isWhole ? 'ceremony' : before.setup, statements };
}

async function readManifest(out: string): Promise<Manifest> {
  try {
    await mkdir(out, { recursive: true });
  } catch (cause) {
    throw new DomainError('STATE_UNWRITABLE', {}, cause);
  }
  try {
    const parsed = manifest.safeParse(await readJsonFile(join(out, 'manifest.json')));
    if (parsed.success) return parsed.data;
  } catch (failure) {
    const isNone = failure instanceof DomainError && failure.code === 'FILE_UNREADABLE';
    if (!isNone) throw failure;
    return { setup: 'development', statements: {} };
  }
  throw new DomainError('BAD_INPUT', { manifest: 'not one of artifacts' });
}
