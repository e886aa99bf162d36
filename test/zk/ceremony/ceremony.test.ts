import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groth16 } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../../src/core/canonical.js';
import { withProvingCurve } from '../../../src/zk/arithmetic/curve.js';
import { beginCeremony } from '../../../src/zk/ceremony/begin.js';
import { addBeacon, addContribution } from '../../../src/zk/ceremony/extend.js';
import { finalizeCeremony } from '../../../src/zk/ceremony/finalize.js';
import { blake2bOf, keyPath, readTranscript } from '../../../src/zk/ceremony/folder.js';
import { contribute } from '../../../src/zk/ceremony/phase-two.js';
import {
  lastHead,
  openTranscript,
  passesThrough,
  type Step,
  type Transcript,
  withStep,
} from '../../../src/zk/ceremony/transcript.js';
import { verifyCeremony } from '../../../src/zk/ceremony/verify-ceremony.js';
import { makeSmallCeremony, type SmallCeremony, TINY_INPUTS } from './small-ceremony.js';

const BEACON = { value: '5e'.repeat(32), iterationsExponent: 10 };
const quiet = () => undefined;
const refused = (code: string, facts?: object) =>
  expect.objectContaining(facts === undefined ? { code } : { code, facts });

let small: SmallCeremony;
/** A whole ceremony: two contributions and a beacon. */
let done: string;
let transcript: Transcript;

const begin = (folder: string, change: object = {}) =>
  beginCeremony(
    {
      folder,
      circuit: small.circuit,
      ptau: small.ptau,
      ptauBlake2b: small.ptauBlake2b,
      checkPtau: false,
      ...change,
    },
    quiet,
  );
const verify = (folder: string, change: object = {}) =>
  verifyCeremony({ folder, circuit: small.circuit, ptau: small.ptau, ...change }, quiet);

beforeAll(async () => {
  small = await makeSmallCeremony();
  done = join(small.folder, 'done');
  await begin(done);
  await addContribution(done, 'Riverside Hospital', quiet);
  await addContribution(done, 'Lakeshore Hospital', quiet);
  transcript = await addBeacon(done, BEACON, quiet);
});
afterAll(() => rm(small.folder, { recursive: true, force: true }));

let copies = 0;
/** A copy of the whole ceremony for an attacker to change. */
async function copy(): Promise<string> {
  copies += 1;
  const folder = join(small.folder, `copy-${copies}`);
  await cp(done, folder, { recursive: true });
  return folder;
}

/** A rewritten transcript, every hash in it correct, over any steps that the attacker wants. */
async function rewrite(folder: string, steps: readonly Step[], opening = transcript.opening) {
  const forged = steps.reduce<Transcript>(withStep, openTranscript(opening));
  await writeFile(join(folder, 'transcript.json'), JSON.stringify(forged));
  return forged;
}

const steps = () => transcript.steps.map(({ step }) => step);

/** Changes a key, and the transcript so that it names the changed file. */
async function forgeKey(folder: string, number: number, change: (key: Buffer) => void) {
  const path = keyPath(folder, number);
  const key = await readFile(path);
  change(key);
  await writeFile(path, key);
  await rewrite(
    folder,
    steps().map((step, i) => (i === number - 1 ? { ...step, sha256: sha256Hex(key) } : step)),
  );
}

describe('a ceremony', () => {
  test('of two institutions and a beacon verifies, and says who took part', async () => {
    const verified = await verify(done);
    expect(verified.isComplete).toBe(true);
    expect(verified.transcript.steps.map(({ step }) => step)).toMatchObject([
      { kind: 'contribution', name: 'Riverside Hospital' },
      { kind: 'contribution', name: 'Lakeshore Hospital' },
      { kind: 'beacon', ...BEACON },
    ]);
  });

  test('passes through each head that was published on the way', async () => {
    const heads = [transcript.head, ...transcript.steps.map(({ head }) => head)];
    expect(heads.map((head) => passesThrough(transcript, head))).toEqual(heads.map(() => true));
    await verify(done, { head: heads[1] });
    await expect(verify(done, { head: '0'.repeat(64) })).rejects.toThrow(
      refused('CEREMONY_HEAD_UNKNOWN'),
    );
  });

  test('makes keys that prove and verify, under a manifest that says so', async () => {
    const out = join(small.folder, 'artifacts');
    const publication = { folder: done, circuit: small.circuit, ptau: small.ptau, out };
    const { head } = await finalizeCeremony({ ...publication, wasm: small.wasm }, quiet);
    expect(head).toBe(lastHead(transcript));
    const vkey = JSON.parse(await readFile(join(out, 'tiny.vkey.json'), 'utf8'));
    const zkey = new Uint8Array(await readFile(join(out, 'tiny.zkey')));
    const wasm = new Uint8Array(await readFile(join(out, 'tiny.wasm')));
    await withProvingCurve(async () => {
      const { proof, publicSignals } = await groth16.fullProve(TINY_INPUTS, wasm, zkey);
      expect(await groth16.verify(vkey, publicSignals, proof)).toBe(true);
      expect(await groth16.verify(vkey, publicSignals.toReversed(), proof)).toBe(false);
    });
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.setup).toBe('ceremony');
    expect(manifest.statements.tiny).toMatchObject({
      r1csSha256: transcript.opening.circuit.r1csSha256,
      files: { 'tiny.zkey': sha256Hex(zkey), 'tiny.wasm': sha256Hex(wasm) },
      ceremony: { contributors: ['Riverside Hospital', 'Lakeshore Hospital'], head },
    });
  });

  test('of one statement does not make the others look made so', async () => {
    const out = join(small.folder, 'mixed');
    const publication = { folder: done, circuit: small.circuit, ptau: small.ptau, out };
    await finalizeCeremony(publication, quiet);
    const path = join(out, 'manifest.json');
    const before = JSON.parse(await readFile(path, 'utf8'));
    const other = { r1csSha256: '00', files: {} };
    const statements = { ...before.statements, other };
    await writeFile(path, JSON.stringify({ setup: 'development', statements }));
    await finalizeCeremony(publication, quiet);
    const after = JSON.parse(await readFile(path, 'utf8'));
    expect([after.setup, after.statements.other]).toEqual(['development', other]);
  });
});

describe('a stranger notices', () => {
  test('a contribution that was removed', async () => {
    const gone = await copy();
    await rm(keyPath(gone, 2));
    await expect(verify(gone)).rejects.toThrow(refused('CEREMONY_FILE_CHANGED', { step: 2 }));
    const renumbered = await copy();
    await cp(keyPath(renumbered, 2), keyPath(renumbered, 1));
    await cp(keyPath(renumbered, 3), keyPath(renumbered, 2));
    await rewrite(renumbered, steps().slice(1));
    await expect(verify(renumbered)).rejects.toThrow(refused('CEREMONY_KEY_INVALID'));
    const unclosed = await copy();
    await rewrite(unclosed, steps().slice(0, 2));
    expect((await verify(unclosed)).isComplete).toBe(false);
    await expect(verify(unclosed, { head: lastHead(transcript) })).rejects.toThrow(
      refused('CEREMONY_HEAD_UNKNOWN'),
    );
  });

  test('a contribution that was replaced, and by its head one with all after it', async () => {
    const folder = await copy();
    const own = await contribute(
      new Uint8Array(await readFile(keyPath(done, 1))),
      'Lakeshore Hospital',
    );
    await writeFile(keyPath(folder, 2), own);
    await expect(verify(folder)).rejects.toThrow(refused('CEREMONY_FILE_CHANGED', { step: 2 }));
    await rewrite(folder, steps().slice(0, 1));
    await addContribution(folder, 'Lakeshore Hospital', quiet);
    const [, second] = (await readTranscript(folder)).steps;
    const [first, , third] = steps();
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('steps');
    await rewrite(folder, [first, second.step, third]);
    await expect(verify(folder)).rejects.toThrow(
      refused('CEREMONY_TRANSCRIPT_INVALID', { step: 3 }),
    );
    await rewrite(folder, [first, second.step]);
    await addBeacon(folder, BEACON, quiet);
    const head = transcript.steps[1]?.head;
    await expect(verify(folder, { head })).rejects.toThrow(refused('CEREMONY_HEAD_UNKNOWN'));
  });

  test('contributions in another order', async () => {
    const folder = await copy();
    const [first, second, third] = transcript.steps;
    const swapped = JSON.stringify({ ...transcript, steps: [second, first, third] });
    await writeFile(join(folder, 'transcript.json'), swapped);
    await expect(verify(folder)).rejects.toThrow(
      refused('CEREMONY_TRANSCRIPT_INVALID', { step: 1 }),
    );
    const [one, two] = [await readFile(keyPath(done, 1)), await readFile(keyPath(done, 2))];
    await writeFile(keyPath(folder, 1), two);
    await writeFile(keyPath(folder, 2), one);
    const [a, b, c] = steps();
    if (a === undefined || b === undefined || c === undefined) throw new Error('steps');
    await rewrite(folder, [b, a, c]);
    await expect(verify(folder)).rejects.toThrow(refused('CEREMONY_KEY_INVALID'));
  });

  test('a byte of a key that was changed', async () => {
    const folder = await copy();
    const key = await readFile(keyPath(folder, 3));
    key[key.length >> 1] = (key[key.length >> 1] ?? 0) ^ 1;
    await writeFile(keyPath(folder, 3), key);
    await expect(verify(folder)).rejects.toThrow(refused('CEREMONY_FILE_CHANGED', { step: 3 }));
  });

  test('a byte changed in any section, though the transcript was changed with it', async () => {
    const untouched = await copy();
    await forgeKey(untouched, 3, () => undefined);
    await verify(untouched);
    for (const [id, start, length] of sectionsOf(await readFile(keyPath(done, 3)))) {
      const folder = await copy();
      const at = start + Math.floor(length / 2);
      await forgeKey(folder, 3, (key) => key.writeUInt8(key.readUInt8(at) ^ 1, at));
      await expect(verify(folder), `section ${id}`).rejects.toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^CEREMONY_(KEY|TRANSCRIPT)_INVALID$/),
        }),
      );
    }
  });

  test('bytes after the last section', async () => {
    const folder = await copy();
    const longer = Buffer.concat([await readFile(keyPath(done, 3)), Buffer.from([0])]);
    await writeFile(keyPath(folder, 3), longer);
    const sha256 = sha256Hex(longer);
    await rewrite(
      folder,
      steps().map((step, i) => (i === 2 ? { ...step, sha256 } : step)),
    );
    await expect(verify(folder)).rejects.toThrow(refused('CEREMONY_KEY_INVALID'));
  });

  test('powers of tau and constraints that are not its own', async () => {
    const { otherPtau, otherCircuit } = small;
    await expect(verify(done, { ptau: otherPtau })).rejects.toThrow(
      refused('CEREMONY_PTAU_MISMATCH'),
    );
    await expect(verify(done, { circuit: otherCircuit })).rejects.toThrow(
      refused('CEREMONY_CIRCUIT_MISMATCH'),
    );
  });

  test('keys made from other constraints than the transcript says', async () => {
    const folder = await copy();
    const circuit = { name: 'tiny', r1csSha256: sha256Hex(await readFile(small.otherCircuit)) };
    await rewrite(folder, steps(), { ...transcript.opening, circuit });
    await expect(verify(folder, { circuit: small.otherCircuit })).rejects.toThrow(
      refused('CEREMONY_KEY_INVALID', { step: 0 }),
    );
  });

  test('a name, or a contribution hash, that the keys do not say', async () => {
    const named = await copy();
    const text = JSON.stringify(transcript).replace('Lakeshore', 'Hillside');
    await writeFile(join(named, 'transcript.json'), text);
    await expect(verify(named)).rejects.toThrow(
      refused('CEREMONY_TRANSCRIPT_INVALID', { step: 2 }),
    );
    for (const change of [{ name: 'Hillside Hospital' }, { contributionHash: '0'.repeat(128) }]) {
      await rewrite(
        named,
        steps().map((step, i) => (i === 1 ? ({ ...step, ...change } as Step) : step)),
      );
      await expect(verify(named)).rejects.toThrow(
        refused('CEREMONY_TRANSCRIPT_INVALID', { step: 2 }),
      );
    }
  });

  test('a beacon that was changed, in the transcript or in the key as well', async () => {
    const value = '5f'.repeat(32);
    const forged = () => steps().map((step, i) => (i === 2 ? ({ ...step, value } as Step) : step));
    const folder = await copy();
    await rewrite(folder, forged());
    await expect(verify(folder)).rejects.toThrow(
      refused('CEREMONY_TRANSCRIPT_INVALID', { step: 3 }),
    );
    const key = await readFile(keyPath(done, 3));
    Buffer.from(value, 'hex').copy(key, key.lastIndexOf(Buffer.from(BEACON.value, 'hex')));
    await writeFile(keyPath(folder, 3), key);
    await rewrite(
      folder,
      forged().map((step, i) => (i === 2 ? { ...step, sha256: sha256Hex(key) } : step)),
    );
    await expect(verify(folder)).rejects.toThrow(refused('CEREMONY_KEY_INVALID', { step: 3 }));
  });

  test.each(['null', '[]', '{}', '{"opening":{}}', '{'])(
    'a transcript that is %s',
    async (text) => {
      const folder = await copy();
      await writeFile(join(folder, 'transcript.json'), text);
      const code = text === '{' ? 'JSON_MALFORMED' : 'CEREMONY_TRANSCRIPT_INVALID';
      await expect(verify(folder)).rejects.toThrow(refused(code));
    },
  );

  test('a beacon whose hashing would keep the reader busy for hours', async () => {
    const folder = await copy();
    await rewrite(
      folder,
      steps().map((step, i) => (i === 2 ? ({ ...step, iterationsExponent: 60 } as Step) : step)),
    );
    await expect(verify(folder)).rejects.toThrow(refused('CEREMONY_TRANSCRIPT_INVALID'));
  });
});

describe('what a ceremony refuses', () => {
  test('to begin from powers of tau that are not the published ones, or not prepared', async () => {
    const folder = join(small.folder, 'refused');
    await expect(begin(folder, { ptau: small.otherPtau })).rejects.toThrow(
      refused('CEREMONY_PTAU_MISMATCH'),
    );
    const junk = new Uint8Array(await readFile(small.ptau)).subarray(0, 5000);
    const path = join(small.folder, 'junk.ptau');
    await writeFile(path, junk);
    await expect(begin(folder, { ptau: path, ptauBlake2b: blake2bOf(junk) })).rejects.toThrow(
      refused('CEREMONY_PTAU_UNFIT'),
    );
    await expect(begin(folder, { circuit: small.wasm.replace('.wasm', '.r1cs') })).rejects.toThrow(
      refused('FILE_UNREADABLE'),
    );
    await expect(readdir(folder)).rejects.toThrow();
  });

  test('to begin in a folder that holds anything', async () => {
    await expect(begin(done)).rejects.toThrow(refused('CEREMONY_EXISTS'));
  });

  test('steps out of their order, and leaves the ceremony as it was', async () => {
    const folder = join(small.folder, 'order');
    await begin(folder);
    const publication = { folder, circuit: small.circuit, ptau: small.ptau, out: `${folder}-out` };
    await expect(finalizeCeremony(publication, quiet)).rejects.toThrow(
      refused('CEREMONY_OUT_OF_ORDER'),
    );
    await addContribution(folder, 'Riverside Hospital', quiet);
    const before = await readFile(join(folder, 'transcript.json'), 'utf8');
    await expect(addBeacon(folder, BEACON, quiet)).rejects.toThrow(
      refused('CEREMONY_OUT_OF_ORDER', { contributions: 1, least: 2 }),
    );
    await expect(addContribution(folder, 'Riverside Hospital', quiet)).rejects.toThrow(
      refused('CEREMONY_NAME_TAKEN'),
    );
    await expect(addContribution(folder, 'a\nb', quiet)).rejects.toThrow(refused('BAD_INPUT'));
    expect(await readFile(join(folder, 'transcript.json'), 'utf8')).toBe(before);
    // One after the other: a step that fails while the other is awaited is one nobody handles.
    for (const step of [
      () => addContribution(done, 'Corner Pharmacy', quiet),
      () => addBeacon(done, BEACON, quiet),
    ]) {
      await expect(step()).rejects.toThrow(refused('CEREMONY_OUT_OF_ORDER'));
    }
  });

  test.each([
    { value: '5e', iterationsExponent: 10 },
    { value: 'zz'.repeat(32), iterationsExponent: 10 },
    { value: '5e'.repeat(32), iterationsExponent: 9 },
    { value: '5e'.repeat(32), iterationsExponent: 63 },
  ])('a beacon of %j', async (beacon) => {
    await expect(addBeacon(done, beacon, quiet)).rejects.toThrow(refused('BAD_INPUT'));
  });

  test('nothing because of what a killed contribution left behind', async () => {
    const folder = join(small.folder, 'killed');
    await begin(folder);
    await addContribution(folder, 'Riverside Hospital', quiet);
    await writeFile(`${keyPath(folder, 2)}.0badcafe.tmp`, 'half a key');
    await writeFile(keyPath(folder, 2), 'a key that no transcript names');
    expect((await verify(folder)).transcript.steps).toHaveLength(1);
    await addContribution(folder, 'Lakeshore Hospital', quiet);
    expect((await verify(folder)).transcript.steps).toHaveLength(2);
  });
});

/** The sections of a key's file, without those that are empty: id, where it starts, its length. */
function sectionsOf(
  key: Buffer,
): readonly (readonly [id: number, start: number, length: number])[] {
  const found: [number, number, number][] = [];
  for (let at = 12; at < key.length; ) {
    const [id, length] = [key.readUInt32LE(at), Number(key.readBigUInt64LE(at + 4))];
    if (length > 0) found.push([id, at + 12, length]);
    at += 12 + length;
  }
  return found;
}
