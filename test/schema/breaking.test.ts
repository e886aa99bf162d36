import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ApiChanges, findBreakingChanges } from '../support/schema/breaking.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');

/** The API of the last release; there is no such file before the first. */
const RELEASED = 'schema/released.graphql';
const isReleased = existsSync(`${root}/${RELEASED}`);
const changes = ApiChanges.parse(JSON.parse(read('schema/changes.json')));
const none: ApiChanges = { breaking: [] };
const tagged = apiOfLastTag();

describe('the API against the last release', () => {
  test('breaks nothing but what schema/changes.json gives a reason for', async ({ skip }) => {
    if (!isReleased) skip('nothing was released yet');
    const released = buildSchema(read(RELEASED));
    const coming = buildSchema(read('schema/api.graphql'));
    expect(await findBreakingChanges(released, coming, changes)).toEqual({
      unlisted: [],
      idle: [],
    });
  });

  test('lists no change before the first release', ({ skip }) => {
    if (isReleased) skip('there is a release');
    expect(changes).toEqual(none);
  });

  test('is compared with the API of the last tag', ({ skip }) => {
    if (tagged === undefined) skip('no tag that git knows here has an API');
    // Before its tag is put, a release is compared with itself.
    expect([tagged, read('schema/api.graphql')]).toContain(read(RELEASED));
  });
});

describe('what counts as breaking', () => {
  const sdl = `
    type Query { trial(id: ID!): Trial trials(first: Int = 20): [Trial!]! }
    type Trial { id: ID! title: String! phase: Phase }
    type Site { city: String }
    enum Phase { PHASE1 PHASE2 }
  `;
  const released = buildSchema(sdl);

  test.each([
    ['a field that is gone', 'title: String!', '', 'FIELD_REMOVED Trial.title'],
    [
      'a field that can be null now',
      'title: String!',
      'title: String',
      'FIELD_TYPE_CHANGED Trial.title',
    ],
    [
      'an argument that is needed now',
      'trial(id: ID!)',
      'trial(id: ID!, at: ID!)',
      'FIELD_ARGUMENT_ADDED Query.trial.at',
    ],
    ['a value that is gone', 'PHASE1 PHASE2', 'PHASE1', 'ENUM_VALUE_REMOVED Phase.PHASE2'],
  ])('%s', async (_, before, after, change) => {
    const coming = buildSchema(sdl.replace(before, after));
    const [type = '', path = ''] = change.split(' ');
    expect(await findBreakingChanges(released, coming, none)).toEqual({
      unlisted: [change],
      idle: [],
    });
    const reason = 'Nobody can be served with it any more.';
    const listed = { breaking: [{ type, path, reason }] };
    expect(await findBreakingChanges(released, coming, listed)).toEqual({ unlisted: [], idle: [] });
  });

  test('a field, a type or an argument more is none', async () => {
    const coming = buildSchema(sdl.replace('title: String!', 'title: String! site(at: ID): Site'));
    expect(await findBreakingChanges(released, coming, none)).toEqual({ unlisted: [], idle: [] });
  });

  test('an entry for a change that was not made is idle', async () => {
    const reason = 'It was taken back before the release.';
    const listed = { breaking: [{ type: 'FIELD_REMOVED', path: 'Trial.title', reason }] };
    expect(await findBreakingChanges(released, released, listed)).toEqual({
      unlisted: [],
      idle: ['FIELD_REMOVED Trial.title'],
    });
  });

  test('an entry without a reason is refused', () => {
    const entry = { type: 'FIELD_REMOVED', path: 'Trial.title', reason: '' };
    expect(ApiChanges.safeParse({ breaking: [entry] }).success).toBe(false);
  });
});

/** Undefined without git, and in a clone without tags, as a shallow one is. */
function apiOfLastTag(): string | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return git('show', `${git('describe', '--tags', '--abbrev=0').trim()}:schema/api.graphql`);
  } catch {
    return undefined;
  }
}
