import { afterAll, beforeAll, expect, test } from 'vitest';
import { askRelayByHash, askWithAll, readHead } from './ask.js';
import { expectAllAnswered, listeningGateway } from './stand.js';

let gateway: Awaited<ReturnType<typeof listeningGateway>>;
beforeAll(async () => {
  gateway = await listeningGateway();
});
afterAll(() => gateway.stop());

test('Apollo Client 4 and 3, urql and Relay are answered with their default settings', async () => {
  expectAllAnswered(await askWithAll(`${gateway.origin}/graphql`), gateway.asked);
});

test('Relay is answered by the hash of a trusted document', async () => {
  expect(await askRelayByHash(`${gateway.origin}/graphql`)).toBe('string');
});

test('the nonce and the id of an answer can be read', async () => {
  const { nonce, id } = await readHead(gateway.origin);
  expect(nonce).toMatch(/^\S{16,}$/);
  expect(id).toBe('true');
});
