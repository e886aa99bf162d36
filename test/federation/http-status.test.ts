import { expect, test } from 'vitest';
import { statusOf } from '../../src/federation/http-errors.js';

test.each([
  'DATABASE_UNAVAILABLE',
  'DATABASE_BUSY',
  'LEASE_LOST',
  'STOPPING',
  'OVERLOADED',
  'LEDGER_UNAVAILABLE',
] as const)('%s is an outage, and no fault of who asks', (code) => {
  expect(statusOf(code)).toBe(503);
});

test.each([
  ['BAD_INPUT', 400],
  ['TOKEN_INVALID', 401],
  ['RATE_LIMITED', 429],
] as const)('%s is %i', (code, status) => {
  expect(statusOf(code)).toBe(status);
});
