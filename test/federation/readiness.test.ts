import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import {
  addReadyRoutes,
  createReadiness,
  type ReadyCheck,
} from '../../src/federation/readiness.js';
import { loggerInto, SILENT } from '../support/network/stand.js';

async function asked(checks: readonly ReadyCheck[]) {
  const app = fastify();
  const readiness = createReadiness(checks, SILENT);
  addReadyRoutes(app, readiness);
  const get = async (url: string) => {
    const { statusCode, body } = await app.inject(url);
    return [statusCode, JSON.parse(body)];
  };
  return { get, readiness };
}

const fails = (code: ReadyCheck['code'], thrown: unknown): ReadyCheck => ({
  code,
  check: () => Promise.reject(thrown),
});

test('a part is ready while every check holds, and says the code of each that does not', async () => {
  const well: ReadyCheck = { code: 'FEED_GAP', check: () => undefined };
  expect(await (await asked([well])).get('/readyz')).toEqual([200, { status: 'ready' }]);
  const { get } = await asked([
    well,
    fails('DATABASE_UNAVAILABLE', new Error('connect ECONNREFUSED 10.1.2.3:5432')),
    fails('LEDGER_UNAVAILABLE', new DomainError('LEDGER_REGRESSED')),
    { code: 'CLOCK_APART', check: () => new Promise(() => undefined) },
  ]);
  const codes = ['CLOCK_APART', 'DATABASE_UNAVAILABLE', 'LEDGER_REGRESSED'];
  expect(await get('/readyz')).toEqual([503, { status: 'unready', codes }]);
  expect(await get('/livez')).toEqual([200, { status: 'ok' }]);
});

test('a part that is about to stop says so, at once, and answers', async () => {
  const { get, readiness } = await asked([]);
  expect(await get('/readyz')).toEqual([200, { status: 'ready' }]);
  readiness.beginStop();
  expect(await get('/readyz')).toEqual([503, { status: 'unready', codes: ['STOPPING'] }]);
  expect(await get('/livez')).toEqual([200, { status: 'ok' }]);
});

test('who asks a hundred times has everything checked once, and the log hears of a change once', async () => {
  let times = 0;
  const lines: string[] = [];
  const check = () => {
    times += 1;
    throw new DomainError('STATE_UNWRITABLE', { folder: '/secret/place' });
  };
  const readiness = createReadiness([{ code: 'STATE_UNWRITABLE', check }], loggerInto(lines));
  const all = await Promise.all(Array.from({ length: 100 }, () => readiness.codes()));
  expect(new Set(all.map((codes) => codes.join()))).toEqual(new Set(['STATE_UNWRITABLE']));
  expect([times, lines.length]).toEqual([1, 1]);
  expect(lines.join()).not.toContain('secret');
});
