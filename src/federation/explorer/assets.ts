import { readdirSync, readFileSync } from 'node:fs';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { FastifyInstance } from 'fastify';
import { invariant } from '../../core/errors.js';

/** Files for browsers, which nobody compiles: the package ships them as they are. */
const FOLDER = new URL('../../../src/federation/explorer/page/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** Their names, and what each holds. */
type Assets = ReadonlyMap<string, string>;

/** Serves what the pages load. None of it is anybody's. */
export function addAssets(app: FastifyInstance): void {
  const own = readdirSync(FOLDER).filter((name) => /\.(css|js)$/.test(name));
  // Nine megabytes, and most gateways are never looked at: made when the first page is opened.
  let graphiql: Assets | undefined;
  for (const name of own) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    addAsset(app, name, () => text);
  }
  for (const name of GRAPHIQL_ASSETS) {
    addAsset(app, name, () => {
      graphiql ??= graphiqlAssets();
      return graphiql.get(name) ?? '';
    });
  }
}

function addAsset(app: FastifyInstance, name: string, text: () => string): void {
  const headers = {
    'content-type': TYPES[name.replace(/^.*\./, '')],
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  };
  app.get(`/explorer/assets/${name}`, (_request, reply) => reply.headers(headers).send(text()));
}

const GRAPHIQL_ASSETS = ['graphiql.css', 'graphiql.js'] as const;

/**
 * GraphiQL's own script and style. The package gives them out as one page, whose script the pages'
 * Content-Security-Policy would not run.
 */
function graphiqlAssets(): Assets {
  const page = renderGraphiQL({});
  const script = page.slice(page.indexOf('<div id="root"></div>'));
  const start = script.indexOf('<script>');
  const render = script.lastIndexOf('YogaGraphiQL.renderYogaGraphiQL(');
  invariant(start !== -1 && render > start, "GraphiQL's page has a script that renders it");
  return new Map([
    ['graphiql.css', between(page, '<style>', '</style>')],
    ['graphiql.js', script.slice(start + '<script>'.length, render)],
  ]);
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  invariant(from !== -1 && to !== -1, `GraphiQL's page has ${start}`);
  return text.slice(from + start.length, to);
}
