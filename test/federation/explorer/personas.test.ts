import { readdirSync } from 'node:fs';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../src/core/error-codes.js';
import { STANDARD_CODES } from '../../../src/federation/error-extensions.js';
import { readyOperations } from '../../../src/federation/explorer/operations.js';
import { startGateway } from '../../support/federation/stand.js';
import { type AskedOfPersonas, standPersonas } from './stand.js';

const HOST = '127.0.0.1:4000';
const asked: AskedOfPersonas[] = [];
let pilot: FastifyInstance;
let production: FastifyInstance;
let pageKey: string;

beforeAll(async () => {
  pilot = await startGateway([], {
    personas: standPersonas(asked),
    landing: async () => ({
      document: 'query First { network { epoch } }',
      headers: { Authorization: 'Bearer a.b.c~d' },
      variables: { lot: { lot: 'LOT-OF-HERE' }, withdraw: { secrets: ['</script>'] } },
    }),
  });
  production = await startGateway([]);
  pageKey = dataOf((await get(pilot, '/explorer')).body).pageKey;
  expect(pageKey).toMatch(/^[\w-]{32}$/);
});
afterAll(async () => {
  await pilot.close();
  await production.close();
});
beforeEach(() => {
  asked.length = 0;
});

const get = (app: FastifyInstance, url: string, more: Partial<InjectOptions> = {}) =>
  app.inject({ method: 'GET', url, headers: { host: HOST, accept: 'text/html' }, ...more });

/** What the page was filled in with, as its script reads it. */
function dataOf(body: string) {
  return JSON.parse(
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(body)?.[1] ?? '',
  );
}

/** As the page's own script asks, in a visitor's browser. */
function ask(url: string, body: object, more: Partial<InjectOptions> = {}) {
  const own = {
    host: HOST,
    origin: `http://${HOST}`,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
    'x-assent-page': pageKey,
  };
  const headers = { ...own, ...more.headers };
  return pilot.inject({ method: 'POST', url, payload: JSON.stringify(body), ...more, headers });
}

describe('the ready operations', () => {
  const operations = readyOperations();

  test('are all of schema/operations, each with a line that says what it shows', () => {
    const folder = new URL('../../../schema/operations/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
    expect(operations.map(({ name }) => `${name}.graphql`)).toEqual(files.sort());
    for (const { shows, audience, title } of operations) {
      expect(shows).toMatch(/^[A-Z][^\n]{18,200}[.?]$/);
      expect(audience).toMatch(/^(anybody|the|a) ?.*, with(out)? (a|its) token|^a participant/);
      expect(title).toMatch(/^[A-Z]\w+$/);
    }
  });

  test('stand on the page with their variables, those of this installation before the usual', async () => {
    const { body } = await get(pilot, '/explorer');
    const data = dataOf(body);
    expect(data.operations).toHaveLength(operations.length);
    for (const { name, shows, document } of operations) {
      expect(body).toContain(`data-operation="${name}"`);
      expect(data.operations).toContainEqual(
        expect.objectContaining({ name, shows, document: expect.stringContaining(document) }),
      );
    }
    const variablesOf = (wanted: string) =>
      data.operations.find(({ name }: { name: string }) => name === wanted).variables;
    expect(variablesOf('lot')).toEqual({ gtin: '09521234001010', lot: 'LOT-OF-HERE' });
    expect(variablesOf('access')).toEqual({ study: 'NCT90000001' });
    // No text of a query ends the element that it stands in.
    expect(variablesOf('withdraw')).toEqual({ secrets: ['</script>'] });
  });

  test('are there for a visitor from elsewhere too, with nothing of anybody’s', async () => {
    const { body } = await get(pilot, '/explorer', { remoteAddress: '192.0.2.7' });
    const data = dataOf(body);
    expect(data).toMatchObject({ headers: {}, persona: null, pageKey: null, study: null });
    expect(data.operations).toHaveLength(operations.length);
    for (const own of ['LOT-OF-HERE', pageKey, 'a.b.c~d', 'persona=']) {
      expect(body).not.toContain(own);
    }
  });
});

describe('the personas', () => {
  test('are listed with what each may see, and the one that is asked as', async () => {
    const { body } = await get(pilot, '/explorer?persona=patient');
    expect(body).toContain('href="/explorer?persona=portal"');
    expect(body).toMatch(/href="\/explorer\?persona=patient" aria-current="page"/);
    expect(body).toContain('withdraws &lt;a consent&gt;');
    expect(dataOf(body).persona).toMatchObject({ name: 'patient' });
  });

  test('one that can prove nothing has no such step', async () => {
    expect((await get(pilot, '/explorer')).body).toContain('id="proof"');
    expect((await get(pilot, '/explorer?persona=patient')).body).not.toContain('id="proof"');
  });

  test('a gateway that is no pilot has none, and says so', async () => {
    for (const path of ['/explorer', '/graphql']) {
      const page = await get(production, `${path}?persona=portal`);
      expect(page.statusCode).toBe(404);
      expect(page.body).toContain('Only a pilot has personas');
    }
    expect((await get(production, '/explorer')).statusCode).toBe(200);
    expect((await production.inject({ method: 'POST', url: '/explorer/token' })).statusCode).toBe(
      404,
    );
  });

  test('Sandbox names the persona, and leads to its explorer', async () => {
    const { body } = await get(pilot, '/graphql?persona=patient');
    expect(body).toContain('As the patient, who withdraws &lt;a consent&gt;.');
    expect(body).toContain('<a href="/explorer?persona=patient">');
  });
});

describe('what the page asks the pilot for', () => {
  test('a token of a new key, and a fresh one of the same', async () => {
    const opened = await ask('/explorer/token', { persona: 'portal' });
    expect([opened.statusCode, opened.body]).toEqual([200, 'new.x.y~z']);
    const renewed = await ask('/explorer/token', { persona: 'portal', session: 'mine' });
    expect([renewed.statusCode, renewed.body]).toEqual([200, 'renewed.x.y~z']);
    expect(asked).toEqual([
      ['open', 'portal'],
      ['renew', 'portal', 'mine'],
    ]);
    for (const { headers } of [opened, renewed]) {
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['cache-control']).toBe('no-store');
    }
    const gone = await ask('/explorer/token', { persona: 'portal', session: 'gone' });
    expect([gone.statusCode, gone.json().errors[0].extensions.code]).toEqual([400, 'BAD_INPUT']);
  });

  test('a proof: its progress, then the mutation that presents it', async () => {
    const made = await ask('/explorer/proof', { persona: 'portal', session: 'mine' });
    expect(made.headers['content-type']).toContain('text/event-stream');
    expect(made.headers['cache-control']).toBe('no-store');
    expect(made.headers['access-control-allow-origin']).toBeUndefined();
    expect(made.body.split('\n\n')).toEqual([
      'event: progress\ndata: {"done":0,"of":2}',
      'event: progress\ndata: {"done":2,"of":2}',
      'event: proven\ndata: {"document":"mutation Present { touch }","variables":{"proofs":2}}',
      '',
    ]);
  });

  test.each([
    ['busy', 'OVERLOADED'],
    ['broken', 'INTERNAL'],
  ])('a proof that is not made: %s is told as %s', async (session, code) => {
    const { body } = await ask('/explorer/proof', { persona: 'portal', session });
    expect(body).toContain(`event: refused\ndata: {"code":"${code}"`);
    expect(body).not.toMatch(/ECONN|10\.1\.2\.3/);
  });

  test.each(['/explorer/token', '/explorer/proof'])('%s refuses another form', async (url) => {
    for (const body of [{}, { persona: 7 }, { persona: 'portal', session: {} }, []]) {
      const told = await ask(url, body);
      expect([told.statusCode, told.json().errors[0].extensions.code]).toEqual([400, 'BAD_INPUT']);
    }
    expect(asked).toEqual([]);
  });

  describe.each(['/explorer/token', '/explorer/proof'])('%s is not there', (url) => {
    const body = { persona: 'portal', session: 'mine' };

    test.each<[string, Partial<InjectOptions>]>([
      ['from another machine', { remoteAddress: '192.0.2.7' }],
      [
        'from another machine that says it is this one',
        { remoteAddress: '10.0.0.8', headers: { 'x-forwarded-for': '127.0.0.1' } },
      ],
      ['under another host', { headers: { host: 'evil.example', origin: 'http://evil.example' } }],
      ['for a page of another site', { headers: { origin: 'https://evil.example' } }],
      ['for a page of another port', { headers: { origin: 'http://127.0.0.1:4001' } }],
      ['for another site, as its browser says', { headers: { 'sec-fetch-site': 'cross-site' } }],
      ['for a neighbour, as its browser says', { headers: { 'sec-fetch-site': 'same-site' } }],
      ['without the key of a page', { headers: { 'x-assent-page': '' } }],
      ['with another key', { headers: { 'x-assent-page': 'A'.repeat(32) } }],
    ])('%s', async (_, more) => {
      const told = await ask(url, body, more);
      expect(told.statusCode).toBe(404);
      expect(told.body).not.toMatch(/x\.y|Present/);
      expect(asked).toEqual([]);
    });

    test('for a preflight of another site: its header may not be sent', async () => {
      const told = await pilot.inject({
        method: 'OPTIONS',
        url,
        headers: {
          host: HOST,
          origin: 'https://evil.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-assent-page',
        },
      });
      expect(String(told.headers['access-control-allow-headers'])).not.toContain('x-assent-page');
    });

    test('by GET', async () => {
      expect((await get(pilot, url)).statusCode).toBeGreaterThanOrEqual(404);
      expect(asked).toEqual([]);
    });
  });
});

describe('what the explorer leads to', () => {
  test('the schema as text, as its clients see it', async () => {
    const { headers, body, statusCode } = await get(pilot, '/schema.graphql');
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(body).toMatch(/^type Query \{/m);
    expect(body).toContain('network: ');
    expect(body).not.toMatch(/@join__|_entities/);
  });

  test('every error code, with an anchor of its name', async () => {
    const { headers, body } = await get(pilot, '/error-codes');
    expect(headers['content-type']).toContain('text/html');
    for (const code of [...Object.keys(ERROR_CODES), ...Object.keys(STANDARD_CODES)]) {
      expect(body).toContain(`<tr id="${code}">`);
    }
  });

  test('the README, and the health of ledger and nodes', async () => {
    const { headers, body } = await get(pilot, '/readme');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toMatch(/^# Assent/);
    const page = (await get(pilot, '/explorer')).body;
    for (const path of ['/schema.graphql', '/error-codes', '/readme', '/health', '/graphql']) {
      expect(page).toContain(`href="${path}"`);
      expect((await get(pilot, path)).statusCode).toBe(200);
    }
  });
});
