import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MAIN } from '../support/cli/assent.js';

/** Prints what graphql-js makes of another realm's type, once the command has loaded it: it asks only in development. */
const SCRIPT = `
  const { createRequire } = require('node:module');
  const load = createRequire(process.argv[1]);
  process.on('exit', () => {
    const { isScalarType } = load('graphql');
    let checks = 'once';
    try { isScalarType(new (class GraphQLScalarType {})()); } catch { checks = 'twice'; }
    const { NODE_ENV, ASSENT_ENVIRONMENT } = process.env;
    console.log(JSON.stringify({ checks, NODE_ENV, ASSENT_ENVIRONMENT }));
  });
  process.argv.push('--help');
  import(process.argv[1]);
`;

async function run(env: NodeJS.ProcessEnv): Promise<object> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, MAIN], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe('libraries run as in production', () => {
  test.each([
    ['without NODE_ENV', {}, []],
    ['with another one', { NODE_ENV: 'development' }, []],
    ['with that one, which is the setting too', { NODE_ENV: 'production' }, ['production']],
    [
      'and where the setting says something else',
      { NODE_ENV: 'production', ASSENT_ENVIRONMENT: 'test' },
      ['test'],
    ],
  ])('%s', async (_, env, setting) => {
    const [ASSENT_ENVIRONMENT] = setting;
    const said = ASSENT_ENVIRONMENT === undefined ? {} : { ASSENT_ENVIRONMENT };
    expect(await run(env)).toEqual({ checks: 'once', NODE_ENV: 'production', ...said });
  });
});
