import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findFreePort } from '../../../src/cli/process/ports.js';
import {
  listenForOperators,
  type OperatorParts,
} from '../../../src/cli/serve/operator-listener.js';
import { readOperatorKeys } from '../../../src/core/operator/key.js';
import { loadConfig } from '../../../src/core/settings/config.js';
import type { LedgerWatch } from '../../../src/ledger/watch/watch.js';
import { openPglite } from '../../../src/store/pglite.js';
import { assentInProcess } from '../../support/cli/in-process.js';
import { RIVERSIDE } from '../../support/names.js';
import { layPglite } from '../../support/store/pglite-image.js';

const home = mkdtempSync(join(tmpdir(), 'assent-operator-'));
const ENDPOINT = 'https://node.riverside.example';
const file = join(home, 'nightly.json');
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The setting's line as the command printed it, and the key's id. */
let made: { readonly line: string; readonly keys: string; readonly id: string };

beforeAll(async () => {
  await layPglite(join(home, 'database'));
  const { stdout } = await operator('key', '--roles', 'importer,officer', '--out', file);
  const { operatorKeys: keys } = JSON.parse(`{${stdout}}`) as { operatorKeys: string };
  const [id = ''] = [...(await readOperatorKeys(keys)).keys()];
  made = { line: stdout, keys, id };
});

function operator(...args: readonly string[]) {
  return assentInProcess(['--state-folder', home, 'operator', ...args]);
}

const token = (...more: readonly string[]) =>
  operator(...`token --institution ${RIVERSIDE} --endpoint ${ENDPOINT}/`.split(' '), ...more);

async function signed(...more: readonly string[]) {
  const { stdout, stderr } = await token('--key', file, ...more);
  return {
    authorization: stdout.replace('Authorization: ', '').trim(),
    jti: /^jti ([\w-]+), until \d/.exec(stderr)?.[1] ?? expect.fail(stderr),
  };
}

/** What a node in this state folder answers to an operator, from its start to its end. */
async function askNode(authorizations: readonly string[]) {
  const database = await openPglite({ directory: join(home, 'database') });
  const port = await findFreePort();
  const parts = {
    institution: RIVERSIDE,
    db: await database.open(RIVERSIDE),
    config: loadConfig({ env: { ASSENT_OPERATOR_KEYS: made.keys } }),
    operators: { host: '127.0.0.1', port },
    log: pino({ level: 'silent' }),
  };
  const snapshot = { requireInstitution: () => ({ endpoint: ENDPOINT }) };
  const watch = { latest: () => snapshot } as unknown as Pick<LedgerWatch, 'latest'>;
  const stop = await listenForOperators(parts, watch);
  try {
    const answers = [];
    for (const authorization of authorizations) {
      const answer = await fetch(`http://127.0.0.1:${port}/operator`, {
        headers: { authorization },
      });
      answers.push({ status: answer.status, body: await answer.json() });
    }
    return answers;
  } finally {
    await stop();
    await database.close();
  }
}

describe('assent operator key', () => {
  test("prints the setting's line, and puts the private key into a file of this user alone", () => {
    expect(made.line).toMatch(/^"operatorKeys": "EdDSA:[\w-]{43}:importer\+officer"\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { privateJwk } = JSON.parse(readFileSync(file, 'utf8')) as { privateJwk: { d: string } };
    expect(made.line).not.toContain(privateJwk.d);
  });

  test('makes ES256 too, overwrites no key, and knows no other role', async () => {
    const before = readFileSync(file, 'utf8');
    const again = await operator('key', '--roles', 'importer', '--out', file);
    expect(again).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('BAD_INPUT'),
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
    const other = ['--out', join(home, 'biller.json'), '--algorithm', 'ES256'];
    const { stdout } = await operator('key', '--roles', 'biller', ...other);
    expect(stdout).toMatch(/^"operatorKeys": "ES256:[\w-]{43}\.[\w-]{43}:biller"\n$/);
  });
});

describe('assent operator token', () => {
  test.each([
    ['a longer life', ['--seconds', '601'], 'seconds'],
    ['no life', ['--seconds', '0'], 'seconds'],
    ['a role that the key was not made for', ['--roles', 'biller'], 'biller'],
    ['an endpoint that is none', ['--endpoint', 'node'], 'endpoint'],
  ])('refuses %s', async (_what, more, named) => {
    const { code, stdout, stderr } = await token('--key', file, ...more);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`BAD_INPUT .*${named}`));
  });

  test('refuses a file that is no key, and quotes nothing of it', async () => {
    const { stderr } = await token('--key', join(home, '../nothing-here'));
    expect(stderr).toContain('FILE_UNREADABLE');
    const wrong = await token('--key', new URL(import.meta.url).pathname);
    expect(wrong.stderr).toMatch(/^assent: BAD_INPUT .*operator key`\)\n$/);
  });
});

test('a token of the command serves at its node, is listed, and once revoked stays so after a restart', async () => {
  vi.stubEnv('ASSENT_OPERATOR_KEYS', made.keys);
  const [first, second] = [await signed(), await signed('--roles', 'officer', '--seconds', '60')];
  expect(await askNode([first.authorization, second.authorization])).toMatchObject([
    { status: 200, body: { key: made.id, roles: ['importer', 'officer'], institution: RIVERSIDE } },
    { status: 200, body: { key: made.id, roles: ['officer'] } },
  ]);

  const revoked = await operator('revoke', '--institution', RIVERSIDE, '--token', first.jti);
  expect(revoked).toMatchObject({ code: 0, stdout: `revoked TOKEN ${first.jti}\n` });
  const listed = await operator('list', '--institution', RIVERSIDE, '--uses', '1');
  expect(listed.stdout.split('\n')).toEqual([
    expect.stringMatching(`^key ${made.id} EdDSA importer\\+officer, last used 20[^R]*Z$`),
    expect.stringContaining(`revoked TOKEN ${first.jti} at 20`),
    expect.stringMatching(
      `^use 2 .* GET /operator ALLOWED key ${made.id} jti ${second.jti} request `,
    ),
    '',
  ]);
  expect(listed.stdout).not.toContain(first.authorization.slice(-40));
  expect(await askNode([first.authorization, second.authorization])).toMatchObject([
    { status: 401, body: { errors: [{ extensions: { code: 'OPERATOR_TOKEN_REVOKED' } }] } },
    { status: 200 },
  ]);
});

test('a key is revoked by its id; a misspelt one, and both or neither, are refused', async () => {
  vi.stubEnv('ASSENT_OPERATOR_KEYS', made.keys);
  const revoke = (...more: string[]) => operator('revoke', '--institution', RIVERSIDE, ...more);
  for (const wrong of [
    [],
    ['--key', made.id, '--token', 'a-name-of-one-token'],
    ['--key', made.id.slice(1)],
    ['--key', 'A'.repeat(43)],
    ['--token', 'short'],
  ]) {
    expect(await revoke(...wrong)).toMatchObject({ code: 1, stdout: '' });
  }
  expect(await revoke('--key', made.id)).toMatchObject({ code: 0 });
  const { stdout } = await operator('list', '--institution', RIVERSIDE);
  expect(stdout).toMatch(new RegExp(`^key ${made.id} .*, REVOKED\n`));
  expect(stdout).not.toContain('A'.repeat(43));
});

test('without keys in the settings a node listens for nobody, and by default on this machine alone', async () => {
  const config = loadConfig({ env: {} });
  expect([config.operatorKeys, config.operatorHost]).toEqual([undefined, '127.0.0.1']);
  const operators = { host: '127.0.0.1', port: await findFreePort() };
  const stop = await listenForOperators({ config, operators } as OperatorParts, {} as LedgerWatch);
  await expect(fetch(`http://127.0.0.1:${operators.port}/operator`)).rejects.toThrow();
  await stop();
});
