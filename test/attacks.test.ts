import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * The attacks on what carries proofs that worked once, by the name that begins the title of each
 * one's test. Who does what, and what comes of it, is in docs/threat-model.md.
 */
const ATTACKS = [
  ...['token-at-gateway', 'token-after-restart', 'link-by-gateway', 'link-overheard'],
  ...['receipt-faked', 'rotate-keeps-root', 'suspended-feed', 'feed-round'],
  ...['acknowledgement-malleable', 'withdrawal-flood', 'evidence-empty-list'],
  ...['evidence-other-institution', 'rpc-extends', 'ledger-from-a-page', 'endpoint-anywhere'],
  ...['count-by-subtree', 'key-change', 'party-of-another', 'restored-wallet', 'two-devices'],
  ...['sandbox-reads-explorer', 'one-address-behind-router'],
];

const suites = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.endsWith('.long.test.ts'))
  .map((path) => readFileSync(join(folder, path), 'utf8'));

test.each(ATTACKS)('%s is tried by a test of its name, which every run includes', (name) => {
  const title = new RegExp(`(?:test|it)(?:\\.[\\w.]+)?(?:\\([^'"\`]*\\))?\\(\\s*['"\`]${name}: `);
  expect(suites.filter((text) => title.test(text)).length).toBeGreaterThan(0);
});
