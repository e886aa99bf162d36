import { once } from 'node:events';
import { createServer } from 'node:http';
import { SUBTREE_KEY_HEADER } from '../../../src/core/subtree-key.js';
import { fieldOf, institutionField } from '../../../src/zk/arithmetic/field.js';
import { type IssuerFields, issuerLeaf } from '../../../src/zk/leaf.js';
import { SHARD_LEVELS, SparseTree, slotValueOf, TOP_LEVELS } from '../../../src/zk/tree.js';
import { SUBTREE_KEY } from './sample.js';

const SLOT = 3;
const SUBTREE_LEVELS = 10;
const issuer = {
  ax: '11',
  ay: '12',
  validFrom: '0',
  validUntil: '9999999999',
  grants: '255',
  parties: ['a-party'],
  term: '3',
};
export const issuerFields: IssuerFields = {
  institution: institutionField('riverside-hospital'),
  ax: 11n,
  ay: 12n,
  validity: { from: 0n, until: 9_999_999_999n },
  grants: 255n,
  parties: [fieldOf('a-party')],
  term: 3n,
};

/** A register with these leaves in one institution's shard, among others' slots. */
export function registerOf(leaves: Iterable<readonly [index: number, leaf: bigint]>) {
  const shard = new SparseTree(SHARD_LEVELS);
  shard.setAll([[4, fieldOf('a neighbour')], ...leaves]);
  const top = new SparseTree(TOP_LEVELS);
  top.setAll([
    [2, fieldOf('another slot')],
    [SLOT, slotValueOf(shard.root, issuerLeaf(issuerFields))],
  ]);
  const answer = (number: number) => {
    const first = number * 2 ** SUBTREE_LEVELS;
    return {
      institution: 'riverside-hospital',
      epoch: 7,
      slot: SLOT,
      issuer,
      subtree: number,
      leaves: Array.from({ length: 2 ** SUBTREE_LEVELS }, (_, i) =>
        String(shard.node(0, first + i)),
      ),
      siblings: shard.path(first).slice(SUBTREE_LEVELS).map(String),
      topSiblings: top.path(SLOT).map(String),
      root: String(top.root),
    };
  };
  return { root: top.root, answer };
}

export type SubtreeAnswer = ReturnType<ReturnType<typeof registerOf>['answer']>;

/** Serves what a test says at /register/subtree/:number, over HTTP, to who shows SUBTREE_KEY. */
export async function serveRegister(answer: (number: number) => unknown) {
  const asked: string[] = [];
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const key = request.headers[SUBTREE_KEY_HEADER];
    keys.push(key);
    const number = Number(request.url?.split('/').at(-1));
    const body = key === SUBTREE_KEY ? answer(number) : { code: 'SUBTREE_KEY_REQUIRED' };
    response.setHeader('content-type', 'application/json');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { endpoint: `http://127.0.0.1:${port}`, asked, keys, stop };
}
