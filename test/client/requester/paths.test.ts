import { afterAll, describe, expect, test } from 'vitest';
import { fetchSubtree } from '../../../src/client/requester/paths.js';
import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { EMPTY_LEAF } from '../../../src/zk/leaf.js';
import { networkRootOf } from '../../../src/zk/tree.js';
import {
  issuerFields,
  registerOf,
  type SubtreeAnswer,
  serveRegister,
} from '../../support/client/register-server.js';
import { refusal, SUBTREE_KEY } from '../../support/client/sample.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const leaf = fieldOf('a consent');
const register = registerOf([
  [5, leaf],
  [1030, fieldOf('another consent')],
]);

let lie: (answer: SubtreeAnswer) => unknown = (answer) => answer;
const server = await serveRegister((number) => lie(register.answer(number)));
afterAll(() => server.stop());

const place = { index: 5, subtreeKey: SUBTREE_KEY };
const sourceAt = (endpoint: string) => ({ fetch, endpoint, institution: RIVERSIDE });

function ask(index: number, told: (answer: SubtreeAnswer) => unknown = (answer) => answer) {
  lie = told;
  return fetchSubtree(sourceAt(server.endpoint), { index, subtreeKey: SUBTREE_KEY });
}

/** One more than a canonical decimal. */
const other = (text: string | undefined) => String(BigInt(text ?? 0) + 1n);

describe('a path', () => {
  test.each([
    [5, leaf],
    [1030, fieldOf('another consent')],
  ])('of leaf %i leads to the network root', async (index, expected) => {
    const subtree = await ask(index);
    expect(networkRootOf(expected, subtree.pathOf(expected, index))).toBe(register.root);
    expect(subtree.root).toBe(register.root);
    expect(subtree.issuer).toEqual(issuerFields);
  });

  test('is asked for by its 1,024th of the shard, never by its leaf', async () => {
    server.asked.length = 0;
    await ask(5);
    await ask(1023);
    await ask(1024);
    expect(server.asked).toEqual([0, 0, 1].map((n) => `/register/subtree/${n}`));
  });

  test('is asked for with the key of its subtree, and told to nobody without', async () => {
    await ask(5);
    expect(server.keys.at(-1)).toBe(SUBTREE_KEY);
    const shown = fetchSubtree(sourceAt(server.endpoint), { index: 5, subtreeKey: 'another' });
    await expect(shown).rejects.toThrow(refusal('SUBTREE_KEY_REQUIRED'));
  });

  test.each([
    ['another leaf', fieldOf('a withdrawn consent'), 5],
    ['a leaf that is not anchored yet', leaf, 6],
    ['a leaf of another subtree', leaf, 1029],
  ])('is not given for %s', async (_, wanted, index) => {
    const subtree = await ask(5);
    expect(() => subtree.pathOf(wanted, index)).toThrow(refusal('LEAF_NOT_ANCHORED'));
  });
});

describe('a lying node is caught: it', () => {
  test.each<readonly [string, (answer: SubtreeAnswer) => unknown]>([
    ['puts a leaf where none is', (a) => ({ ...a, leaves: a.leaves.with(9, String(leaf)) })],
    ['empties a place', (a) => ({ ...a, leaves: a.leaves.with(5, String(EMPTY_LEAF)) })],
    ['changes a sibling', (a) => ({ ...a, siblings: a.siblings.with(0, other(a.siblings[0])) })],
    [
      'changes a sibling at the top',
      (a) => ({ ...a, topSiblings: a.topSiblings.with(11, other(a.topSiblings[11])) }),
    ],
    ['names another slot', (a) => ({ ...a, slot: 2 })],
    ...Object.entries({ ax: '13', validUntil: '10000000000', grants: '511', term: '4' }).map(
      ([name, value]) =>
        [
          `has an issuer of another ${name}`,
          (a: SubtreeAnswer) => ({ ...a, issuer: { ...a.issuer, [name]: value } }),
        ] as const,
    ),
    [
      'lists another party',
      (a) => ({ ...a, issuer: { ...a.issuer, parties: ['a-party', 'another'] } }),
    ],
    ['claims another root', (a) => ({ ...a, root: other(a.root) })],
    ['is another institution', (a) => ({ ...a, institution: LAKESHORE })],
    ['answers another subtree', () => register.answer(1)],
  ])('%s', async (_, told) => {
    await expect(ask(5, told)).rejects.toThrow(refusal('PATH_INVALID'));
  });

  test('builds a register of its own, which the ledger does not know', async () => {
    const own = registerOf([[5, leaf]]);
    lie = () => own.answer(0);
    const source = { fetch, endpoint: server.endpoint, institution: RIVERSIDE };
    const acceptsRoot = async (root: bigint) => root === register.root;
    await expect(fetchSubtree({ ...source, acceptsRoot }, place)).rejects.toThrow(
      refusal('PATH_INVALID'),
    );
    lie = (answer) => answer;
    await fetchSubtree({ ...source, acceptsRoot }, place);
  });

  test.each<readonly [string, (answer: SubtreeAnswer) => unknown]>([
    ['is not JSON', () => '<html>'],
    ['is another shape', () => ({})],
    ['tells no issuer', (a) => ({ ...a, issuer: undefined })],
    ['lacks a leaf', (a) => ({ ...a, leaves: a.leaves.slice(1) })],
    ['has a sibling too many', (a) => ({ ...a, siblings: [...a.siblings, '0'] })],
    ['writes a number another way', (a) => ({ ...a, leaves: a.leaves.with(0, '007') })],
    ['never ends', () => JSON.stringify({ leaves: '9'.repeat(400_000) })],
  ])('%s', async (_, told) => {
    await expect(ask(5, told)).rejects.toThrow(refusal('SOURCE_FAILED'));
  });

  test('is not there', async () => {
    const source = { fetch, endpoint: 'http://127.0.0.1:1', institution: RIVERSIDE };
    await expect(fetchSubtree(source, place)).rejects.toThrow(refusal('SOURCE_FAILED'));
  });
});
