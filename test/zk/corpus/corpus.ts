import type { Statement } from '../../../src/zk/statement.js';
import { PINNED, type Pinned } from './pinned.js';
import {
  anyPoint1,
  anyPoint2,
  cofactorPoint,
  inverse,
  jacobian,
  type Points,
  readPoint2,
  readPoints,
  twistPoint,
  writePoints,
} from './points.js';
import { type Random, randomOf } from './random.js';
import { oddText, oddValue, replaceLeaf } from './texts.js';

/** One input for a verifier, and what it is. */
export interface Case {
  readonly label: Label;
  readonly statement: Statement;
  readonly signals: unknown;
  readonly proof: unknown;
}

/**
 * Printed with every run, and changed only on purpose: the first from 20,261,123 on under which the 500
 * inputs of npm test, over these three pinned proofs, show every reason of STRICTER.
 */
export const CORPUS_SEED = 20_261_127;

type Wire = { proof: unknown; signals: unknown };
type Make = (base: Pinned, random: Random) => Partial<Wire>;

const shifted = (random: Random) => random.bits(32) + 2n;
const points = (
  change: (points: Points, random: Random, base: Pinned) => Partial<Points>,
): Make => {
  return (base, random) => {
    const before = readPoints(base.proof);
    return { proof: writePoints({ ...before, ...change(before, random, base) }) };
  };
};
/** Changes one coordinate text of a point, z included. */
const coordinate = (change: (text: string, random: Random) => unknown): Make => {
  return ({ proof }, random) => ({
    proof: replaceLeaf(proof, random, (text) => change(text, random)),
  });
};
const signal = (change: (text: string, random: Random) => unknown): Make => {
  return ({ signals }, random) => {
    const at = random.int(signals.length);
    return { signals: signals.map((text, i) => (i === at ? change(text, random) : text)) };
  };
};
const member = (change: (proof: Pinned['proof'], random: Random) => object): Make => {
  return ({ proof }, random) => ({ proof: change(proof, random) });
};
const anyMember = (random: Random) => random.pick(['pi_a', 'pi_b', 'pi_c'] as const);
const q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const digit = (text: string, random: Random) => {
  const at = random.int(text.length);
  // 1 to 9, and never the digit that was there.
  const other = 1 + ((Number(text[at]) + random.int(8)) % 9);
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
};

/** How each kind of input is made from a proof that holds. */
const KINDS = {
  valid: () => ({}),
  'valid: A/k, k·B': points(({ a, b }, random) => {
    const k = shifted(random);
    return { a: a.multiplyUnsafe(inverse(k)), b: b.multiplyUnsafe(k) };
  }),
  'valid: -A, -B': points(({ a, b }) => ({ a: a.negate(), b: b.negate() })),
  'valid: B + s·delta, C + s·A': points(({ a, b, c }, random, { delta }) => {
    const s = shifted(random);
    const by = readPoint2(delta).multiplyUnsafe(s);
    return { b: b.add(by), c: c.add(a.multiplyUnsafe(s)) };
  }),
  'one point negated': points(({ a, b, c }, random) =>
    random.pick([{ a: a.negate() }, { b: b.negate() }, { c: c.negate() }]),
  ),
  'B + s·delta, C + t·A': points(({ a, b, c }, random, { delta }) => {
    const s = shifted(random);
    const by = readPoint2(delta).multiplyUnsafe(s);
    return { b: b.add(by), c: c.add(a.multiplyUnsafe(s + 1n)) };
  }),
  'another point of the group': points((_, random) =>
    random.pick([
      () => ({ a: anyPoint1(random) }),
      () => ({ b: anyPoint2(random) }),
      () => ({ c: anyPoint1(random) }),
    ])(),
  ),
  'A and C exchanged': member(({ pi_a, pi_c, ...rest }) => ({ ...rest, pi_a: pi_c, pi_c: pi_a })),
  'B outside its subgroup': points((_, random) => ({ b: twistPoint(random) })),
  'B + a point of the cofactor': points(({ b }, random) => ({ b: b.add(cofactorPoint(random)) })),
  'off the curve': coordinate((text, random) => (text.length > 2 ? digit(text, random) : '2')),
  'random coordinate': coordinate((_, random) => `${random.bits(253)}`),
  'x and y exchanged': member((proof, random) => {
    const name = anyMember(random);
    return { ...proof, [name]: [proof[name][1], proof[name][0], proof[name][2]] };
  }),
  'c0 and c1 exchanged': member(({ pi_b: [x, y, z], ...rest }, random) => ({
    ...rest,
    pi_b: random.pick([
      [x.toReversed(), y, z],
      [x, y.toReversed(), z],
      [x.toReversed(), y.toReversed(), z],
    ]),
  })),
  'point at infinity': member((proof, random) => {
    const name = anyMember(random);
    const zero = (text: string) => (name === 'pi_b' ? [text, '0'] : text);
    return {
      ...proof,
      [name]: random.pick(['010', '000', '001', '110']).split('').map(zero),
    };
  }),
  'every point at infinity': member((proof) => ({
    ...proof,
    pi_a: ['0', '1', '0'],
    pi_c: ['0', '1', '0'],
    pi_b: [
      ['0', '0'],
      ['1', '0'],
      ['0', '0'],
    ],
  })),
  'Jacobian coordinates': member((proof, random) => {
    const name = random.pick(['pi_a', 'pi_c'] as const);
    return { ...proof, [name]: jacobian(proof[name], random.bits(64) + 2n) };
  }),
  'coordinate plus q': coordinate((text, random) => `${BigInt(text) + q * (random.bits(1) + 1n)}`),
  'coordinate of another text': coordinate(oddText),
  'coordinate of another type': coordinate(oddValue),
  'coordinate of many digits': coordinate((_, random) => '7'.repeat(78 + random.int(3000))),
  'point cut short': member((proof, random) => {
    const name = anyMember(random);
    return { ...proof, [name]: proof[name].slice(0, random.int(3)) };
  }),
  'point made longer': member((proof, random) => {
    const name = anyMember(random);
    return { ...proof, [name]: [...proof[name], proof[name][random.int(3)]] };
  }),
  'member left out': member((proof, random) => {
    const gone = random.pick(['pi_a', 'pi_b', 'pi_c']);
    return Object.fromEntries(Object.entries(proof).filter(([name]) => name !== gone));
  }),
  'name left out': member((proof, random) => {
    const gone = random.pick(['protocol', 'curve']);
    return Object.fromEntries(Object.entries(proof).filter(([name]) => name !== gone));
  }),
  'member too many': member((proof, random) => ({
    ...proof,
    [random.pick(['extra', 'pi_d', '__proto', 'PI_A', ''])]: oddValue('1', random),
  })),
  'other names': member((proof, random) => ({
    ...proof,
    [random.pick(['protocol', 'curve'])]: random.pick([
      'plonk',
      'bls12381',
      'GROTH16',
      '',
      null,
      1,
    ]),
  })),
  'proof of another shape': (_, random) => ({ proof: oddValue('1', random) }),
  'signal changed': signal((text, random) =>
    random.pick([
      `${(BigInt(text) + 1n) % r}`,
      `${random.bits(250)}`,
      text === '0' ? '1' : '0',
      `${r - 1n - BigInt(text)}`,
    ]),
  ),
  'signal with another digit': signal((text, random) => `${BigInt(digit(text, random)) % r}`),
  'signal plus r': signal((text, random) => `${BigInt(text) + r * (random.bits(1) + 1n)}`),
  'signal of another text': signal(oddText),
  'signal of another type': signal(oddValue),
  'signal of many digits': signal((_, random) => '7'.repeat(78 + random.int(3000))),
  'signals exchanged': ({ signals }, random) => {
    const by = 1 + random.int(5);
    return { signals: [...signals.slice(by), ...signals.slice(0, by)] };
  },
  'signals too few': ({ signals }, random) => ({ signals: signals.slice(0, random.int(6)) }),
  'signals too many': ({ signals }, random) => ({
    signals: [
      ...signals,
      ...signals.slice(0, 1 + random.int(3)).map(() => random.pick(['0', '1'])),
    ],
  }),
  'signals of another shape': (_, random) => ({ signals: oddValue('1', random) }),
  'proof of another statement': ({ statement }) => ({ proof: otherThan(statement).proof }),
  'signals of another statement': ({ statement }) => ({ signals: otherThan(statement).signals }),
} satisfies Record<string, Make>;

export type Label = keyof typeof KINDS;
export const LABELS = Object.keys(KINDS) as readonly Label[];

/** The input with this number: any slice can be made alone, and is the same wherever it is made. */
export function caseOf(number: number, seed = CORPUS_SEED): Case {
  const random = randomOf(Math.imul(seed, 2_654_435_761) + number);
  const base = random.pick(PINNED);
  const label = LABELS[number % LABELS.length] ?? 'valid';
  const { statement, proof, signals } = base;
  const make: Make = KINDS[label];
  return { label, statement, proof, signals, ...make(base, random) };
}

function otherThan(statement: Statement): Pinned {
  const other = PINNED.find((one) => one.statement !== statement);
  if (other === undefined) throw new Error('proofs of two statements are pinned');
  return other;
}
