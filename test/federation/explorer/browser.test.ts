import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  DAY,
  LAKESHORE,
  now,
  RIVERSIDE,
  showConsent,
  snapshotOf,
} from '../../consent/gate-fixture.js';
import { ANA, admit } from '../../records/attack-people.js';
import { type GatedNetwork, startGatedNetwork } from '../../records/gated-network.js';
import { CHROMIUM, launchChromium } from './chromium.js';
import { type ProvingPortal, provingPortal } from './proving-personas.js';

const TOKEN_SECONDS = 120;

if (CHROMIUM === undefined) {
  process.stderr.write('SKIPPED: the explorer in a browser needs Chromium\n');
}

describe.skipIf(CHROMIUM === undefined)('the explorer in Chromium', () => {
  let network: GatedNetwork;
  let browser: Browser;
  let portal: ProvingPortal;
  /** What a page complained of, and what it loaded from another origin. */
  let complaints: string[];

  beforeAll(async () => {
    const shown = await showConsent('every hospital');
    portal = await provingPortal(shown, TOKEN_SECONDS);
    const snapshot = snapshotOf({ root: shown.root, anchoredAt: now - DAY });
    const world = { atSeconds: now, snapshot: () => snapshot };
    network = await startGatedNetwork(world, [], { pages: portal.pagesFor });
    for (const { db } of [network.riverside, network.lakeshore]) await admit(db, 'ana');
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await network?.stop();
  });
  beforeEach(() => {
    complaints = [];
    portal.isForged = false;
  });

  async function open(width = 1280, path = '/explorer', prepare?: (page: Page) => Promise<void>) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^https?:$/.test(protocol) && origin !== network.url) complaints.push(request.url());
    });
    await prepare?.(page);
    await page.goto(`${network.url}${path}`);
    await page.waitForSelector('button.graphiql-execute-button');
    return page;
  }

  /** What the editor shows as the answer of the tab that was run last. */
  const answerOf = (page: Page) =>
    page
      .locator('.graphiql-response')
      .textContent()
      .then((text) => text?.replace(/\s+/g, ' '));

  test('opens with a tab for each ready operation, and one runs with its variables', async () => {
    const page = await open();
    const tabs = await page.locator('.graphiql-tab-button').allTextContents();
    expect(tabs.slice(0, 2)).toEqual(['First', 'Access']);
    expect(tabs).toHaveLength((await page.locator('[data-operation]').count()) + 1);
    await page.click('[data-operation="institutions"]');
    await page.click('button.graphiql-execute-button');
    await expect.poll(() => answerOf(page)).toContain(RIVERSIDE);
    expect(new URL(page.url()).hash).toBe('#institutions');
    // The persona is left with the same operation open.
    const link = page.locator('a[data-persona]', { hasText: 'researcher' });
    expect(await link.getAttribute('href')).toBe('/explorer?persona=researcher#institutions');
    // A tab that was closed opens again.
    await page.locator('.graphiql-tab-close').nth(tabs.indexOf('Lot')).click({ force: true });
    await page.click('[data-operation="lot"]');
    await expect
      .poll(() => page.locator('.graphiql-tab-active .graphiql-tab-button').textContent())
      .toBe('Lot');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('presents a proof: from null to rows, with what each institution said', async () => {
    const page = await open();
    const opens = page.locator('[data-opens]');
    await expect.poll(() => opens.textContent()).toContain('nothing was proven');
    portal.isForged = true;
    // By keyboard alone.
    await page.locator('#proof > button').focus();
    await page.keyboard.press('Enter');
    const outcomes = page.locator('#proof table');
    await expect.poll(() => outcomes.textContent().catch(() => '')).toContain('PROOF_INVALID');
    await expect.poll(() => answerOf(page)).toContain('"study": null');
    expect(await outcomes.locator('a').first().getAttribute('href')).toBe(
      '/error-codes#PROOF_INVALID',
    );
    portal.isForged = false;
    await page.locator('#proof > button').click();
    await expect.poll(() => page.locator('[data-step=ask]').getAttribute('class')).toBe('done');
    const told = await outcomes.textContent();
    for (const hospital of [LAKESHORE, RIVERSIDE]) expect(told).toContain(`${hospital}1`);
    await expect.poll(() => answerOf(page)).toContain(ANA.pseudonym);
    await expect.poll(() => opens.textContent()).toContain('for CLINTRCH: OBSERVATION');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('sends no token where that is not wanted, and keeps none in the browser', async () => {
    const page = await open();
    await expect.poll(() => page.locator('[data-opens]').textContent()).not.toBe('…');
    const sent: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/graphql')) sent.push(request.headers().authorization);
    });
    await page.click('button.graphiql-execute-button');
    await expect.poll(() => sent.length).toBe(1);
    await page.locator('#token input[type=checkbox]').uncheck();
    await page.click('button.graphiql-execute-button');
    await expect.poll(() => sent.length).toBe(2);
    expect(sent).toEqual([expect.stringMatching(/^Bearer ey/), undefined]);
    await page.click('[data-operation="withdraw"]');
    // GraphiQL writes its tabs half a second later.
    await page.waitForTimeout(800);
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    );
    expect(kept).not.toMatch(/Bearer|ey\w{20}|123456789/);
    expect(page.url()).toBe(`${network.url}/explorer#withdraw`);
    await page.close();
  });

  test('says when the token has run out, and takes a fresh one', async () => {
    const page = await open(1280, '/explorer', (one) => one.clock.install());
    const until = page.locator('[data-until]');
    await expect.poll(() => until.textContent()).toMatch(/in 1 min \d\d s$/);
    await page.clock.fastForward(TOKEN_SECONDS * 1000);
    const warning = page.locator('#token .warning');
    await expect.poll(() => warning.textContent()).toContain('has run out');
    await page.getByRole('button', { name: 'Fresh token' }).click();
    await expect.poll(() => until.textContent()).toMatch(/in \d min \d\d s$/);
    expect(await warning.isVisible()).toBe(false);
    await page.close();
  });

  test('fits 400 pixels, in the dark and by day', async () => {
    const page = await open(400);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await wide()).toBeLessThanOrEqual(400);
    await page.getByText('Ready operations').click();
    await page.click('[data-operation="institutions"]');
    await page.click('button.graphiql-execute-button');
    await expect.poll(() => answerOf(page)).toContain(RIVERSIDE);
    expect(await wide()).toBeLessThanOrEqual(400);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const part of ['body', '.graphiql-editors']) {
        expect([part, await isBright(page, part)]).toEqual([part, colorScheme === 'light']);
      }
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});

function isBright(page: Page, part: string): Promise<boolean> {
  return page.locator(part).evaluate((element) => {
    const [red = ''] = /\d+/.exec(getComputedStyle(element).backgroundColor) ?? [];
    return Number(red) > 128;
  });
}
