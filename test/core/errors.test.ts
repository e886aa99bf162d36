import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../src/core/error-codes.js';
import { codeOf, DomainError, invariant } from '../../src/core/errors.js';

describe('the error codes', () => {
  test.each(Object.entries(ERROR_CODES))('%s is a name and a sentence', (code, sentence) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  test('have a sentence each', () => {
    const sentences = Object.values(ERROR_CODES);
    expect(new Set(sentences).size).toBe(sentences.length);
  });
});

describe('a DomainError', () => {
  test('says its sentence and its facts, and keeps its cause to itself', () => {
    const cause = new Error('10.1.2.3');
    const error = new DomainError('PERIOD_EMPTY', { from: 2, until: 1 }, cause);
    expect(error.message).toBe(`${ERROR_CODES.PERIOD_EMPTY} (from 2, until 1)`);
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error)).not.toContain('10.1.2.3');
  });

  test.each<readonly [ErrorCode, string]>([
    ['ROOT_STALE', 'REPROVE'],
    ['FEED_GAP', 'LATER'],
    ['PROOF_INVALID', 'NEVER'],
    ['CONSENT_WITHDRAWN', 'NEVER'],
  ])('%s tells the caller to retry: %s', (code, retry) => {
    expect(new DomainError(code).retry).toBe(retry);
  });
});

test('thousands in one second say where the first were thrown, and a fault of ours always', () => {
  const made = Array.from({ length: 1_000 }, () => new DomainError('BAD_INPUT'));
  const traced = made.filter(({ stack = '' }) => stack.includes('\n    at '));
  // A second may end between two of them.
  expect(traced.length).toBeGreaterThan(0);
  expect(traced.length).toBeLessThanOrEqual(200);
  for (const { name, message, stack } of made)
    expect(stack?.startsWith(`${name}: ${message}`) || stack?.startsWith('Error: ')).toBe(true);
  for (const fault of [new DomainError('INTERNAL'), new Error('another')])
    expect(fault.stack).toContain('errors.test.ts');
});

test('whatever is thrown has a code: a fault of ours says no more than that', () => {
  expect(codeOf(new DomainError('BAD_INPUT'))).toBe('BAD_INPUT');
  for (const thrown of [new Error('x'), 'x', undefined, null, { code: 'BAD_INPUT' }]) {
    expect(codeOf(thrown)).toBe('INTERNAL');
  }
});

test('a broken invariant is not a DomainError', () => {
  expect(() => invariant(1, 'holds')).not.toThrow();
  expect(() => invariant(0, 'holds')).toThrow('Invariant broken: holds');
  expect(() => invariant(0, 'holds')).not.toThrow(DomainError);
});
