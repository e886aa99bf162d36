import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as ask from './ask.js';
import { expectAllAnswered, listeningGateway } from './stand.js';

declare const clients: typeof ask;

const PATHS = [
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executablePath = PATHS.find((path) => existsSync(path));
if (executablePath === undefined) {
  process.stderr.write('SKIPPED: no Chromium here, so no client asks from a browser page\n');
}

describe.skipIf(executablePath === undefined)('from a page of another origin, in Chromium', () => {
  let gateway: Awaited<ReturnType<typeof listeningGateway>>;
  let portal: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    gateway = await listeningGateway();
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL('ask.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'clients',
      ...{
        platform: 'browser',
        define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
      },
    });
    const script = bundle.outputFiles[0]?.text ?? '';
    portal = createServer((request, response) => {
      const isScript = request.url === '/clients.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script src="/clients.js"></script>');
    });
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox'],
    });
    page = await browser.newPage();
    await page.goto(`http://localhost:${(portal.address() as AddressInfo).port}/`);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    portal?.close();
    await gateway?.stop();
  });

  test('Apollo Client 4 and 3, urql and Relay are answered with their default settings', async () => {
    const url = `${gateway.origin}/graphql`;
    const reports = await page.evaluate((at) => clients.askWithAll(at), url);
    expectAllAnswered(reports, gateway.asked);
    expect(gateway.asked.some((one) => one.startsWith('OPTIONS /graphql'))).toBe(true);
  });

  test('the nonce and the id of an answer can be read, and a page of the gateway cannot', async () => {
    const head = await page.evaluate((at) => clients.readHead(at), gateway.origin);
    expect(head.nonce).toMatch(/^\S{16,}$/);
    expect([head.id, head.page]).toEqual(['true', null]);
  });
});
