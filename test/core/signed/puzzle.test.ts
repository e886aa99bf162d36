import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type PuzzleSolution,
  requireSolved,
  solvePuzzle,
} from '../../../src/core/signed/puzzle.js';

const task = { institution: 'riverside-hospital', secrets: ['1', '22'], at: 4_000_000_000 };
const BITS = 8;
const asked = { bits: BITS, now: task.at };
const solution = await solvePuzzle(task, BITS);
const refused = (code: string) => expect.objectContaining({ code });

function require(changed: {
  task?: Partial<typeof task>;
  solution?: Partial<PuzzleSolution>;
  asked?: Partial<typeof asked>;
}): () => void {
  return () =>
    requireSolved(
      { ...task, ...changed.task },
      { ...solution, ...changed.solution },
      { ...asked, ...changed.asked },
    );
}

describe('work for withdrawal secrets', () => {
  test('is SHA-256 over the bytes that the protocol names', () => {
    const text = 'assent/puzzle|riverside-hospital|4000000000|1,22';
    const inner = createHash('sha256').update(text).digest();
    const nonce = Buffer.alloc(8);
    nonce.writeBigUInt64BE(BigInt(solution.nonce));
    const hash = createHash('sha256')
      .update(Buffer.concat([inner, nonce]))
      .digest('hex');
    expect(BigInt(`0x${hash}`) * 2n).toBeLessThan(1n << 248n);
    expect(require({})).not.toThrow();
  });

  test('is about 2^bits hashes for each secret, and no hash less is done than is asked for', async () => {
    const nonces: number[] = [];
    for (let i = 0; i < 64; i += 1) {
      const one = { ...task, secrets: [String(i)] };
      const found = await solvePuzzle(one, 6);
      for (let nonce = 0; nonce < found.nonce; nonce += 1) {
        const easier = () => requireSolved(one, { at: task.at, nonce }, { ...asked, bits: 6 });
        expect(easier).toThrow(refused('PUZZLE_TOO_EASY'));
      }
      nonces.push(found.nonce + 1);
    }
    const average = nonces.reduce((sum, nonce) => sum + nonce, 0) / nonces.length;
    expect(average).toBeGreaterThan(30);
    expect(average).toBeLessThan(130);
  });

  test.each([
    ['another institution', { task: { institution: 'lakeshore-hospital' } }],
    ['other secrets', { task: { secrets: ['1', '23'] } }],
    ['one secret less', { task: { secrets: ['1'] } }],
    ['one secret more', { task: { secrets: ['1', '22', '3'] } }],
    ['another moment', { solution: { at: task.at - 1 } }],
    ['more work', { asked: { bits: 30 } }],
  ])('does not serve %s', (_, changed) => {
    expect(require(changed)).toThrow(refused('PUZZLE_TOO_EASY'));
  });

  test.each([
    ['ten minutes ago', { asked: { now: task.at + 601 } }],
    ['of tomorrow', { asked: { now: task.at - 61 } }],
    ['with half a nonce', { solution: { nonce: 0.5 } }],
    ['with a nonce below zero', { solution: { nonce: -1 } }],
    ['with a nonce beyond all numbers', { solution: { nonce: 2 ** 53 } }],
  ])('%s is none', (_, changed) => {
    expect(require(changed)).toThrow(refused('PUZZLE_INVALID'));
  });

  test('is as good at the ends of its time', () => {
    for (const now of [task.at + 600, task.at - 60]) {
      expect(require({ asked: { now } })).not.toThrow();
    }
  });
});
