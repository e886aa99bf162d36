import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SETTING_NAMES } from '../../../src/core/settings/settings.js';

/** Where settings are declared and documented: being named there is no use of them. */
const DECLARING = [
  'core/settings/settings.ts',
  'core/settings/settings-server.ts',
  'core/settings/settings-import.ts',
  'core/settings/config.ts',
  'core/settings/config-document.ts',
];

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !DECLARING.includes(file.replaceAll('\\', '/')))
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n');

test.each(SETTING_NAMES)('%s has an effect: something reads it', (setting) => {
  expect(SOURCES).toMatch(new RegExp(`\\b${setting}\\b`));
});
