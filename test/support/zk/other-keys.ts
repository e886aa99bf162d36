import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bn254 } from '@noble/curves/bn254.js';
import { ARTIFACTS } from '../../../src/zk/artifacts.js';
import type { ProvenStatement } from '../../../src/zk/prove.js';
import { STATEMENTS, type Statement } from '../../../src/zk/statement.js';

/**
 * The contribution that turns the committed key into the other: anyone who knows it can convert
 * proofs.
 */
const SECRET = 7n;

/**
 * A folder of verification keys like the committed ones, but for one statement, whose key has one
 * contribution more: delta is multiplied by a number, as each contributor to a ceremony does.
 */
export async function makeOtherKeys(changed: Statement) {
  const folder = await mkdtemp(join(tmpdir(), 'assent-keys-'));
  const manifest = JSON.parse(await readFile(new URL('manifest.json', ARTIFACTS), 'utf8'));
  for (const statement of STATEMENTS) {
    const name = `${statement}.vkey.json`;
    const json = JSON.parse(await readFile(new URL(name, ARTIFACTS), 'utf8'));
    const delta = timesG2(json.vk_delta_2, SECRET);
    const key = statement === changed ? { ...json, vk_delta_2: delta } : json;
    const bytes = JSON.stringify(key);
    manifest.statements[statement].files[name] = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(folder, name), bytes);
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const end = () => rm(folder, { recursive: true, force: true });
  return { url: pathToFileURL(`${folder}/`), end };
}

/** The same statement proven under the other key: C by the inverse of what delta was multiplied by. */
export function carryOver({ proof, publicSignals }: ProvenStatement) {
  const inverse = bn254.fields.Fr.inv(SECRET);
  return { publicSignals, proof: { ...proof, pi_c: timesG1(proof.pi_c, inverse) } };
}

type Pair = readonly [string, string];

/** As snarkjs writes it: affine coordinates, and z = 1. */
function timesG2([[x0, x1], [y0, y1]]: readonly [Pair, Pair, Pair], scalar: bigint) {
  const { Fp2 } = bn254.fields;
  const [x, y] = [
    Fp2.fromBigTuple([BigInt(x0), BigInt(x1)]),
    Fp2.fromBigTuple([BigInt(y0), BigInt(y1)]),
  ];
  const product = bn254.G2.Point.fromAffine({ x, y }).multiply(scalar).toAffine();
  const text = ({ c0, c1 }: { c0: bigint; c1: bigint }) => [String(c0), String(c1)];
  return [text(product.x), text(product.y), ['1', '0']];
}

function timesG1([x, y]: readonly string[], scalar: bigint): string[] {
  const point = bn254.G1.Point.fromAffine({ x: BigInt(x ?? ''), y: BigInt(y ?? '') });
  const product = point.multiply(scalar).toAffine();
  return [String(product.x), String(product.y), '1'];
}
