import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DomainError } from '../core/errors.js';
import type { Statement } from './statement.js';

/** The folder of the committed keys: the same way up from src/zk and from dist/zk. */
export const ARTIFACTS = new URL('../../circuits/artifacts/', import.meta.url);

/** Whether keys that one machine made may be used. zk reads no environment: its callers say. */
export interface KeyPolicy {
  readonly production: boolean;
  readonly allowDevelopmentKeys: boolean;
}

/** What a prover needs: the witness calculator and the proving key, as bytes. */
export interface ProvingArtifacts {
  readonly wasm: Uint8Array;
  readonly zkey: Uint8Array;
}

interface Manifest {
  readonly setup: string;
  readonly statements: Readonly<
    Record<string, { readonly files: Readonly<Record<string, string>> } | undefined>
  >;
}

/**
 * Reads what proving a statement needs, checked against the manifest.
 *
 * @throws ARTIFACT_MISMATCH, DEVELOPMENT_KEYS_REFUSED, FILE_UNREADABLE
 */
export async function loadProvingArtifacts(
  statement: Statement,
  policy: KeyPolicy,
): Promise<ProvingArtifacts> {
  const manifest = await loadManifest(policy);
  const [wasm, zkey] = await Promise.all([
    loadArtifact(manifest, { statement, name: `${statement}.wasm` }),
    loadArtifact(manifest, { statement, name: `${statement}.zkey` }),
  ]);
  return { wasm: wasm.bytes, zkey: zkey.bytes };
}

/**
 * Reads a statement's verification key, checked against the manifest.
 *
 * @returns the parsed JSON, and the SHA-256 that names the key to the world, as hex.
 * @throws ARTIFACT_MISMATCH, DEVELOPMENT_KEYS_REFUSED, FILE_UNREADABLE
 */
export async function loadVerificationKey(
  statement: Statement,
  policy: KeyPolicy,
  artifacts: URL = ARTIFACTS,
): Promise<{ readonly json: unknown; readonly sha256: string }> {
  const manifest = await loadManifest(policy, artifacts);
  const name = `${statement}.vkey.json`;
  const { bytes, sha256 } = await loadArtifact(manifest, { statement, name, artifacts });
  return { json: JSON.parse(new TextDecoder().decode(bytes)), sha256 };
}

/** Anything but a ceremony is development, so an unknown word is refused in production too. */
async function loadManifest(policy: KeyPolicy, artifacts: URL = ARTIFACTS): Promise<Manifest> {
  const bytes = await readArtifact('manifest.json', artifacts);
  const manifest = JSON.parse(bytes.toString('utf8')) as Manifest;
  if (policy.production && !policy.allowDevelopmentKeys && manifest.setup !== 'ceremony') {
    throw new DomainError('DEVELOPMENT_KEYS_REFUSED');
  }
  return manifest;
}

async function loadArtifact(
  manifest: Manifest,
  {
    statement,
    name,
    artifacts = ARTIFACTS,
  }: { readonly statement: Statement; readonly name: string; readonly artifacts?: URL },
) {
  const bytes = await readArtifact(name, artifacts);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (manifest.statements[statement]?.files[name] !== sha256) {
    throw new DomainError('ARTIFACT_MISMATCH', { artifact: name });
  }
  return { bytes: new Uint8Array(bytes), sha256 };
}

async function readArtifact(name: string, artifacts: URL): Promise<Buffer> {
  try {
    return await readFile(new URL(name, artifacts));
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', { artifact: name }, cause);
  }
}
