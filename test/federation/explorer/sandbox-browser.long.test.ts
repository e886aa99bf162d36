import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '../../support/federation/stand.js';
import { CHROMIUM, launchChromium } from './chromium.js';
import { standPersonas } from './stand.js';

if (CHROMIUM === undefined) {
  process.stderr.write('SKIPPED: Sandbox in a browser needs Chromium\n');
}

/** What stands in a persona's page and nowhere else. */
const SECRET = /Bearer portal|Bearer patient|"pageKey":"/;

/** What another script in the place of Apollo's would be. It defines what Sandbox's page calls, so the page is as ever. */
const CHANGED_SCRIPT = `window.EmbeddedSandbox = class {};
window.ask = async (from = window) => {
  const answer = await from.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ network { epoch } }' }),
  });
  return answer.json();
};
window.read = (path, from = window) =>
  from.fetch(path, { headers: { accept: 'text/html' } }).then((page) => page.text(), String);
window.frame = (path) => new Promise((done) => {
  const frame = document.createElement('iframe');
  const tell = () => { try { done(frame.contentDocument.documentElement.outerHTML) } catch (e) { done(String(e)) } };
  frame.onload = tell;
  setTimeout(tell, 1000);
  frame.src = path;
  document.body.append(frame);
});
window.openPage = (path) => new Promise((done) => {
  const other = window.open(path);
  const tell = () => { try { done(other.document.documentElement.outerHTML) } catch (e) { done(String(e)) } };
  setTimeout(tell, 1000);
});
// A page of this origin that has no policy of its own runs what is put into it.
window.readThrough = (path) => new Promise((done) => {
  const other = window.open('/readme');
  setTimeout(() => read(path, other).then(done, (e) => done(String(e))), 1000);
});`;

type Attack = (path: string) => Promise<string>;
const ATTACKS = ['read', 'frame', 'openPage', 'readThrough'] as const;

describe.skipIf(CHROMIUM === undefined)('Sandbox’s page in Chromium, its script changed', () => {
  let gateway: FastifyInstance;
  let browser: Browser;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    gateway = await startGateway([], {
      personas: standPersonas(),
      landing: async (persona = 'portal') => ({
        document: '{ network { epoch } }',
        headers: { Authorization: `Bearer ${persona}` },
      }),
    });
    url = await gateway.listen({ port: 0, host: '127.0.0.1' });
    browser = await launchChromium();
    page = await browser.newPage();
    await page.route(/^https:/, (route) =>
      route.request().url().includes('embeddable-sandbox')
        ? route.fulfill({ contentType: 'text/javascript', body: CHANGED_SCRIPT })
        : route.abort(),
    );
    await page.goto(`${url}/graphql`);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
  });

  test('asks /graphql, as it is there for', async () => {
    const answer = await page.evaluate(() =>
      (window as unknown as { ask: () => Promise<unknown> }).ask(),
    );
    expect(answer).toEqual({ data: { network: { epoch: expect.any(Number) } } });
    expect(await page.content()).toContain('Bearer portal');
  });

  test.each(ATTACKS)('sandbox-reads-explorer: %s gets nothing of a persona', async (attack) => {
    // The other persona's Sandbox is at the very path that the script may ask.
    const paths = ['/explorer', '/explorer?persona=patient'];
    if (attack !== 'openPage') paths.push('/graphql?persona=patient');
    for (const path of paths) {
      const got = await page.evaluate(
        ([name, wanted]) => (window as unknown as Record<string, Attack>)[name]?.(wanted) ?? '',
        [attack, path] as const,
      );
      expect([path, got]).toEqual([path, expect.not.stringMatching(SECRET)]);
      expect(got).not.toBe('');
    }
  });

  test('a reader opens the explorer from here, with the persona', async () => {
    await page.click('#assent a');
    await page.waitForSelector('#data', { state: 'attached' });
    expect(await page.locator('#data').textContent()).toMatch(SECRET);
  });
});
