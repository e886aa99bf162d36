import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { environmentName, loadConfig } from '../../../src/core/settings/config.js';
import { configurationDocument } from '../../../src/core/settings/config-document.js';
import { defaultOf, noteOf } from '../../../src/core/settings/setting.js';
import { SETTING_NAMES, SETTINGS } from '../../../src/core/settings/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'assent-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: string): string {
  const file = join(folder, 'settings.json');
  writeFileSync(file, content);
  return file;
}

/** An error that names exactly these settings. */
function naming(...settings: string[]) {
  return expect.toSatisfy(
    (error: { code: string; facts: object }) =>
      error.code === 'CONFIGURATION_INVALID' &&
      Object.keys(error.facts).sort().join() === [...settings].sort().join(),
    `CONFIGURATION_INVALID naming ${settings.join(', ')}`,
  );
}

describe('loadConfig', () => {
  test('needs nothing: every setting has a default or may be missing', () => {
    const config = loadConfig({ env: {} });
    expect(config).toMatchObject({
      environment: 'development',
      stateFolder: '.assent',
      gatewayHost: '127.0.0.1',
      gatewayPort: 4000,
      nodePort: 4011,
      ledgerPort: 4010,
      tokenMaxSeconds: 600,
      allowDevelopmentKeys: false,
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('prefers a flag to the environment, the environment to the file, the file to the default', () => {
    const file = fileOf('{"gatewayPort": 1, "nodePort": 2, "ledgerPort": 3}');
    const env = { ASSENT_GATEWAY_PORT: '11', ASSENT_NODE_PORT: '12' };
    const config = loadConfig({ file, env, flags: { gatewayPort: 21, logLevel: undefined } });
    expect(config).toMatchObject({
      gatewayPort: 21,
      nodePort: 12,
      ledgerPort: 3,
      logLevel: 'info',
    });
  });

  test('reads the name that others gave', () => {
    const env = { DATABASE_URL: 'postgresql://localhost/assent' };
    expect(loadConfig({ env })).toMatchObject({ databaseUrl: 'postgresql://localhost/assent' });
  });

  test.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
    ['', false],
  ])('reads %j as a flag', (value, expected) => {
    const config = loadConfig({ env: { ASSENT_ALLOW_DEVELOPMENT_KEYS: value } });
    expect(config.allowDevelopmentKeys).toBe(expected);
  });

  test.each([
    ['a port beyond the last', { ASSENT_GATEWAY_PORT: '65536' }, ['gatewayPort']],
    ['a port in words', { ASSENT_GATEWAY_PORT: 'http' }, ['gatewayPort']],
    ['a negative number', { ASSENT_CADENCE_SECONDS: '-1' }, ['cadenceSeconds']],
    ['a number and a unit', { ASSENT_CADENCE_SECONDS: '30s' }, ['cadenceSeconds']],
    ['a fraction', { ASSENT_CADENCE_SECONDS: '1.5' }, ['cadenceSeconds']],
    ['a flag that says maybe', { ASSENT_ALLOW_DEVELOPMENT_KEYS: 'yes' }, ['allowDevelopmentKeys']],
    ['an environment nobody knows', { ASSENT_ENVIRONMENT: 'staging' }, ['environment']],
    ['an institution that is no slug', { ASSENT_INSTITUTION: 'St. Mary' }, ['institution']],
    ['a database of another kind', { DATABASE_URL: 'mysql://localhost/x' }, ['databaseUrl']],
    ['a mistyped variable', { ASSENT_GATEWAYPORT: '4000' }, ['ASSENT_GATEWAYPORT']],
    [
      'a foreign ledger without its pins',
      { ASSENT_LEDGER_RPC_URLS: 'http://localhost:8545' },
      ['ledgerContract', 'ledgerChainId'],
    ],
    [
      'rpc-extends: in production a ledger that is believed at the first contact, or to one endpoint unsaid',
      {
        ASSENT_ENVIRONMENT: 'production',
        ASSENT_LEDGER_RPC_URLS: 'https://ledger.example',
        ASSENT_LEDGER_CONTRACT: `0x${'1'.repeat(40)}`,
        ASSENT_LEDGER_CHAIN_ID: '7',
      },
      ['ledgerGenesisHash', 'ledgerCodeHash', 'ledgerLinkedCodeHash', 'ledgerQuorum'],
    ],
    [
      'a quorum of more endpoints than there are',
      {
        ASSENT_LEDGER_RPC_URLS: 'http://one:8545,http://two:8545',
        ASSENT_LEDGER_QUORUM: '3',
        ASSENT_LEDGER_CONTRACT: `0x${'1'.repeat(40)}`,
        ASSENT_LEDGER_CHAIN_ID: '7',
      },
      ['ledgerQuorum'],
    ],
    [
      'long tokens in production',
      { ASSENT_ENVIRONMENT: 'production', ASSENT_TOKEN_MAX_SECONDS: '601' },
      ['tokenMaxSeconds'],
    ],
    [
      'several at once, all named',
      { ASSENT_NODE_PORT: 'x', ASSENT_LOG_LEVEL: 'loud', ASSENT_NO_SUCH: '1' },
      ['nodePort', 'logLevel', 'ASSENT_NO_SUCH'],
    ],
  ])('refuses %s', (_, env, named) => {
    expect(() => loadConfig({ env })).toThrow(naming(...named));
  });

  test.each([
    ['an unknown setting', '{"gatewayport": 4000}', ['gatewayport']],
    ['a number as text', '{"gatewayPort": "4000"}', ['gatewayPort']],
    ['an explicit null', '{"gatewayPort": null}', ['gatewayPort']],
    ['a list', '[]', ['file']],
    ['half a file', '{"gatewayPort": 4', ['file']],
  ])('refuses a file with %s', (_, content, named) => {
    expect(() => loadConfig({ file: fileOf(content), env: {} })).toThrow(naming(...named));
  });

  test('refuses a file that was named and is not there', () => {
    expect(() => loadConfig({ file: join(folder, 'none.json'), env: {} })).toThrow(naming('file'));
  });

  test('never repeats a value, which may be a password', () => {
    const env = { DATABASE_URL: 'postgres://user:hunter2@db /assent', ASSENT_KEY: 'hunter2' };
    try {
      loadConfig({ env });
      expect.unreachable();
    } catch (error) {
      const { message, facts } = error as { message: string; facts: object };
      expect(`${message} ${JSON.stringify(facts)}`).not.toContain('hunter2');
    }
  });
});

describe('the settings', () => {
  test.each(SETTING_NAMES)('%s has a sentence, a form, a variable and a lawful default', (name) => {
    const { description, form } = noteOf(SETTINGS[name]);
    expect(description).toMatch(/^\S.*\.$/);
    expect(form).not.toBe('');
    expect(environmentName(name)).toMatch(/^[A-Z_]+$/);
    const usual = defaultOf(SETTINGS[name]);
    if (usual !== undefined) expect(SETTINGS[name].safeParse(usual).success).toBe(true);
  });

  test('are documented as they are: run `npm run docs` if this fails', () => {
    const committed = readFileSync(
      new URL('../../../docs/configuration.md', import.meta.url),
      'utf8',
    );
    expect(committed).toBe(configurationDocument());
  });
});
