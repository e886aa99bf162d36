import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const SCHEMA = new URL('../../../schema/', import.meta.url);

test('Cosmo’s graph has every subgraph, with its schema and where it answers', () => {
  const graph = readFileSync(new URL('cosmo.graph.yaml', SCHEMA), 'utf8');
  const [, ...listed] = graph.split('  - name: ');
  const names = readdirSync(new URL('subgraphs/', SCHEMA)).map((file) =>
    file.replace('.graphql', ''),
  );
  expect(listed.map((entry) => entry.trim())).toEqual(
    names.sort().map(
      (name) => `${name}
    routing_url: http://127.0.0.1:4001/${name}
    schema:
      file: ./subgraphs/${name}.graphql`,
    ),
  );
});
