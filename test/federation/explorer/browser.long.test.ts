import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DAY, now, showConsent, snapshotOf } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';
import { ANA, admit } from '../../support/records/attack-people.js';
import { type GatedNetwork, startGatedNetwork } from '../../support/records/gated-network.js';
import { CHROMIUM, launchChromium } from './chromium.js';
import { type ProvingPortal, provingPortal } from './proving-personas.js';

const TOKEN_SECONDS = 300;

/** Until a page has changed: a machine may be busy with much else. */
const SEEN = { timeout: 30_000 };

if (CHROMIUM === undefined) {
  process.stderr.write('SKIPPED: the explorer in a browser needs Chromium\n');
}

describe.skipIf(CHROMIUM === undefined)('the explorer in Chromium', () => {
  let network: GatedNetwork;
  let browser: Browser;
  let portal: ProvingPortal;
  /** One page for all: it takes seconds to open, and a reader stays on one too. */
  let page: Page;
  /** What the page complained of, and what it loaded from another origin. */
  const complaints: string[] = [];

  beforeAll(async () => {
    const shown = await showConsent('every hospital');
    portal = await provingPortal(shown, TOKEN_SECONDS);
    const snapshot = snapshotOf({ root: shown.root, anchoredAt: now - DAY });
    const world = { atSeconds: now, snapshot: () => snapshot };
    network = await startGatedNetwork(world, [], { pages: portal.pagesFor });
    for (const { db } of [network.riverside, network.lakeshore]) await admit(db, 'ana');
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    hearComplaints();
    await page.goto(`${network.url}/explorer`);
    await page.waitForSelector('button.graphiql-execute-button');
  });
  afterAll(async () => {
    await browser?.close();
    await network?.stop();
  });
  afterEach(() => {
    expect(complaints).toEqual([]);
  });

  function hearComplaints() {
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^https?:$/.test(protocol) && origin !== network.url) complaints.push(request.url());
    });
  }

  /** The text of an element, with single spaces; empty without the element. */
  const textOf = async (selector: string) => {
    const [text = ''] = await page.locator(selector).allTextContents();
    return text.replace(/\s+/g, ' ');
  };
  const seen = (selector: string) => expect.poll(() => textOf(selector), SEEN);
  const ANSWER = '.graphiql-response';
  const run = () => page.click('button.graphiql-execute-button');

  test('opens with a tab for each ready operation, and one runs with its variables', async () => {
    const tabs = await page.locator('.graphiql-tab-button').allTextContents();
    expect(tabs.slice(0, 2)).toEqual(['First', 'Access']);
    expect(tabs).toHaveLength((await page.locator('[data-operation]').count()) + 1);
    await page.click('[data-operation="institutions"]');
    await run();
    await seen(ANSWER).toContain(RIVERSIDE);
    expect(page.url()).toBe(`${network.url}/explorer#institutions`);
    // The persona is left with the same operation open.
    const link = page.locator('a[data-persona]', { hasText: 'researcher' });
    expect(await link.getAttribute('href')).toMatch(/\/explorer\?persona=researcher#institutions$/);
    // A tab that was closed opens again.
    await page.click('[data-operation="lot"]');
    const active = '.graphiql-tab-active .graphiql-tab-button';
    await seen(active).toBe('Lot');
    // Tabs slide to their places: a mouse may miss.
    await page.locator('.graphiql-tab-active .graphiql-tab-close').dispatchEvent('click');
    await seen(active).not.toBe('Lot');
    await page.click('[data-operation="lot"]');
    await seen(active).toBe('Lot');
  });

  test('presents a proof: from null to rows, with what each institution said', async () => {
    await seen('[data-opens]').toContain('nothing was proven');
    portal.isForged = true;
    // By keyboard alone.
    await page.locator('#proof > button').focus();
    await page.keyboard.press('Enter');
    await seen('#proof table').toContain('PROOF_INVALID');
    await seen(ANSWER).toContain('"study": null');
    const [refusal] = await page.locator('#proof table a').all();
    expect(await refusal?.getAttribute('href')).toBe('/error-codes#PROOF_INVALID');
    await seen('[data-step=ask] .said').toContain('no institution');
    portal.isForged = false;
    await page.click('#proof > button');
    await seen('[data-step=ask] .said').toContain('rows');
    for (const hospital of [LAKESHORE, RIVERSIDE]) {
      await seen('#proof table').toContain(`${hospital}1`);
    }
    // It is too long for a line.
    await seen(ANSWER).toContain(ANA.pseudonym.slice(0, 20));
    await seen('[data-opens]').toContain('for CLINTRCH: OBSERVATION');
  });

  test('says when the token has run out, and takes a fresh one', async () => {
    await seen('[data-until]').toMatch(/in \d min \d\d s$/);
    await page.clock.setFixedTime(Date.now() + TOKEN_SECONDS * 1000);
    await seen('#token .warning').toContain('has run out');
    await page.getByRole('button', { name: 'Fresh token' }).click();
    await seen('[data-until]').toMatch(/in \d min \d\d s$/);
    expect(await page.locator('#token .warning').isVisible()).toBe(false);
  });

  test('sends no token where that is not wanted, and keeps none in the browser', async () => {
    const sent: (string | undefined)[] = [];
    page.on('request', (request) => {
      // What the page asks for itself is not what is meant.
      if (!request.postData()?.includes('First')) return;
      sent.push(request.headers().authorization);
    });
    await run();
    await expect.poll(() => sent.length, SEEN).toBe(1);
    await page.locator('#token input[type=checkbox]').uncheck();
    await run();
    await expect.poll(() => sent.length, SEEN).toBe(2);
    expect(sent).toEqual([expect.stringMatching(/^Bearer ey/), undefined]);
    await page.click('[data-operation="withdraw"]');
    // GraphiQL writes its tabs half a second later.
    await page.waitForTimeout(800);
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    );
    expect(kept).not.toMatch(/Bearer|ey\w{20}|123456789/);
    expect(page.url()).toBe(`${network.url}/explorer#withdraw`);
  });

  test('fits 400 pixels, in the dark and by day', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.click('[data-operation="institutions"]');
      await run();
      await seen(ANSWER).toContain(RIVERSIDE);
      expect(await wide()).toBeLessThanOrEqual(400);
      for (const part of ['body', '.graphiql-editors']) {
        expect([part, await isBright(page, part)]).toEqual([part, colorScheme === 'light']);
      }
    }
  });
});

function isBright(page: Page, part: string): Promise<boolean> {
  return page.locator(part).evaluate((element) => {
    const [red = ''] = /\d+/.exec(getComputedStyle(element).backgroundColor) ?? [];
    return Number(red) > 128;
  });
}
