import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { invariant } from '../../../src/core/errors.js';
import { loadVerificationKey } from '../../../src/zk/artifacts.js';
import { parseSignals } from '../../../src/zk/statement.js';
import { packProof, unpackProof } from '../../../src/zk/verify/packed-proof.js';
import { type PoolOptions, VerifyingPool } from '../../../src/zk/verify/pool.js';
import { readShown } from '../../../src/zk/verify/verify-batch.js';
import { IS_LONG } from '../../support/is-long.js';
import { pinnedOf } from '../corpus/pinned.js';

const KEYS = { production: false, allowDevelopmentKeys: false };
const FAULTY = new URL('faulty-thread.mjs', import.meta.url);
const FAILING_START = new URL('failing-start.mjs', import.meta.url);
const pinned = pinnedOf('consent');
const key = await loadVerificationKey('consent', KEYS);

/** The pinned proof under other signals, packed. */
function packed(change: object = {}): Uint8Array {
  const read = readShown({ publicSignals: pinned.signals, proof: pinned.proof });
  invariant('signals' in read, 'the pinned proof can be read');
  return packProof({ ...read, signals: { ...read.signals, ...change } });
}
const good = packed();
const wrong = packed({ nym: 7n });
const many = (count: number, one = good) => Array.from({ length: count }, () => one);

const LIMITS = { proofs: 40, proofsOfCaller: 30, presentationsOfCaller: 4 };
/** A thread takes seconds to begin on a busy machine. */
const shared = new VerifyingPool({ threads: 1 });
const narrow = new VerifyingPool({ threads: 1, limits: LIMITS });
const pools: VerifyingPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(async () => {
  await Promise.all([shared.close(), narrow.close()]);
});

function openPool(options: PoolOptions = {}) {
  const pool = new VerifyingPool({ threads: 1, ...options });
  pools.push(pool);
  return over(pool);
}

async function over(pool: VerifyingPool) {
  expect(await pool.load(key)).toBe(true);
  const ended: string[] = [];
  const judge = async (name: string, proofs: readonly Uint8Array[], limitMs = 60_000) => {
    const caller = { caller: ['gateway', name], isProven: true };
    const decisions = await pool.judge(key, proofs, { ...caller, limitMs });
    ended.push(name);
    return decisions;
  };
  /** By somebody who only says that it has this name. */
  const judgeNamed = async (name: string, proofs: readonly Uint8Array[]) => {
    const decisions = await pool.judge(key, proofs, { caller: ['gateway', name], limitMs: 60_000 });
    ended.push(name);
    return decisions;
  };
  return { pool, judge, judgeNamed, ended };
}

describe('a packed proof', () => {
  test('is what was read', () => {
    const read = unpackProof(good);
    expect(read.signals).toEqual(parseSignals(pinned.signals));
    expect(packProof(read)).toEqual(good);
  });
});

describe('callers take turns', () => {
  test('one of a single proof comes next, however many wrong ones another showed before', async () => {
    const { judge, ended } = await over(shared);
    const flood = many(40, wrong).map((one) => judge('flood', [one]));
    const right = judge('right', [good]);
    expect(await right).toEqual(['HOLDS']);
    // One that was under way, and one turn of the flood's.
    expect(ended.indexOf('right')).toBeLessThanOrEqual(2);
    expect(new Set((await Promise.all(flood)).flat())).toEqual(new Set(['PROOF_INVALID']));
  });

  test('a large presentation lets a small one pass, of the same caller too', async () => {
    const { judge, ended } = await over(shared);
    const large = judge('portal', many(100));
    const others = [judge('small', [good]), judge('portal', [good])];
    await Promise.all(others);
    expect(ended).toEqual(['small', 'portal']);
    expect(new Set(await large)).toEqual(new Set(['HOLDS']));
  });

  test('keys that showed nothing that holds share one half, however many they are', async () => {
    const { judge, ended } = await over(shared);
    await judge('known', [good]);
    ended.splice(0);
    const strangers = Array.from({ length: 20 }, (_, i) => judge(`stranger ${i}`, [wrong]));
    await judge('known', [good]);
    await judge('known', [good]);
    expect(ended.indexOf('known')).toBeLessThanOrEqual(2);
    expect(ended.lastIndexOf('known')).toBeLessThanOrEqual(5);
    await Promise.all(strangers);
  });
});

describe('a name that is only said', () => {
  test('waits with the new ones, whatever was shown under it', async () => {
    const { judge, judgeNamed, ended } = await over(shared);
    await judge('proven', [good]);
    await judgeNamed('said', [good]);
    ended.splice(0);
    const strangers = Array.from({ length: 20 }, (_, i) => judgeNamed(`another ${i}`, [wrong]));
    await Promise.all([judgeNamed('said', [good]), judge('proven', [good])]);
    expect(ended.indexOf('proven')).toBeLessThanOrEqual(2);
    expect(ended.indexOf('said')).toBeGreaterThan(15);
    await Promise.all(strangers);
  });

  test('is not demoted by what others show under it', async () => {
    const { judge, judgeNamed, ended } = await over(shared);
    await judgeNamed('claimed', [wrong]);
    const large = judgeNamed('claimed', many(4));
    // Its four in one turn, as those of a name that nobody has said before.
    const others = Array.from({ length: 3 }, (_, i) => judge(`beside ${i}`, many(4)));
    await large;
    expect(ended.filter((name) => name.startsWith('beside'))).toEqual([]);
    await Promise.all(others);
  });
});

describe('what waits is bounded', () => {
  test("a caller's own share, by proofs and by presentations", async () => {
    const { judge } = await over(narrow);
    const first = judge('busy', [good]);
    const large = judge('busy', many(29));
    expect(await judge('busy', many(2))).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    const rest = [judge('busy', [good]), judge('other', [good])];
    expect((await Promise.all([first, large, ...rest])).flat()).toEqual(
      many(32).map(() => 'HOLDS'),
    );
    const each = await Promise.all(many(8).map((one) => judge('busy', [one])));
    expect(each.flat().filter((decision) => decision === 'RATE_LIMITED').length).toBeGreaterThan(2);
  });

  test('of all: who has the most waiting gives way to who has less', async () => {
    const { judge } = await over(narrow);
    const [large, larger] = [judge('a', many(14)), judge('b', many(25))];
    const small = judge('c', many(6));
    expect(new Set(await small)).toEqual(new Set(['HOLDS']));
    expect((await larger).at(-1)).toBe('RATE_LIMITED');
    expect(new Set(await large)).toEqual(new Set(['HOLDS']));
  });
});

describe('a thread that fails', () => {
  const FAILURES = [
    [1, 'hangs'],
    [4, 'runs out of memory'],
    [5, 'answers for other proofs'],
  ] as const;
  const MORE_FAILURES = [
    [2, 'ends'],
    [3, 'throws'],
    [6, 'answers another task'],
    [7, 'answers another question'],
  ] as const;

  test.each([...FAILURES, ...(IS_LONG ? MORE_FAILURES : [])])(
    'is replaced, and its proofs are told as failed: %d, it %s',
    async (root) => {
      const { pool, judge } = await openPool({ script: FAULTY, hangMs: 2_000 });
      const faulty = judge('faulty', [packed({ root: BigInt(root) })]);
      const behind = judge('behind', [good, wrong]);
      expect(await faulty).toEqual(['VERIFIER_FAILED']);
      expect(await behind).toEqual(['HOLDS', 'PROOF_INVALID']);
      expect(pool.health).toEqual({ threads: 1, waiting: 0, failed: 1 });
    },
  );

  test('and never begins fails what waits at once, and nothing holds', async () => {
    const pool = new VerifyingPool({ script: new URL('no-thread.mjs', import.meta.url) });
    pools.push(pool);
    await expect(pool.load(key)).rejects.toMatchObject({ code: 'VERIFIER_FAILED' });
    const decisions = await pool.judge(key, many(3), { caller: ['a'], limitMs: 60_000 });
    expect(decisions).toEqual(many(3).map(() => 'VERIFIER_FAILED'));
  });

  test.each([
    ['not at once', 600_000, 1],
    ['after a pause', 100, 2],
  ])(
    'and does not begin beside one that works is tried again, %s',
    async (_when, growAgainMs, threads) => {
      const { pool, judge } = await openPool({ script: FAILING_START, threads: 2, growAgainMs });
      process.env.VERIFYING_THREAD_FAILS = 'yes';
      const first = judge('a', many(100));
      await expect.poll(() => pool.health.failed, { timeout: 20_000 }).toBe(1);
      process.env.VERIFYING_THREAD_FAILS = '';
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(new Set(await first)).toEqual(new Set(['HOLDS']));
      expect(new Set(await judge('a', many(40)))).toEqual(new Set(['HOLDS']));
      expect(pool.health).toEqual({ threads, waiting: 0, failed: 1 });
    },
  );

  test('or is closed decides nothing more', async () => {
    const { pool, judge } = await openPool();
    const under = judge('a', many(100));
    await pool.close();
    expect((await under).at(-1)).toBe('VERIFIER_FAILED');
    expect(await judge('a', [good])).toEqual(['VERIFIER_FAILED']);
  });
});
