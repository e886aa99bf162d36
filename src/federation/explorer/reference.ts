import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { ERROR_CODES, type ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import { STANDARD_CODES } from '../error-extensions.js';
import { escapeHtml, PAGE_HEADERS, renderPage } from './markup.js';

const README = new URL('../../../README.md', import.meta.url);
const PLAIN = 'text/plain; charset=utf-8';

/** The reference pages to which the explorer links; the same for everybody. */
export const REFERENCES: readonly (readonly [path: string, name: string])[] = [
  ['/schema.graphql', 'Schema (SDL)'],
  ['/error-codes', 'Error codes'],
  ['/readme', 'README'],
  ['/health', 'Ledger and nodes'],
];

/** Adds the schema as text, every error code, and the README. */
export function addReferences(app: FastifyInstance, apiSdl: string): void {
  app.get('/schema.graphql', (_request, reply) =>
    reply.header('content-type', PLAIN).header('x-content-type-options', 'nosniff').send(apiSdl),
  );
  app.get('/readme', (_request, reply) =>
    reply
      .header('content-type', PLAIN)
      .header('x-content-type-options', 'nosniff')
      .send(readFileSync(README, 'utf8')),
  );
  app.get('/error-codes', (_request, reply) => reply.headers(PAGE_HEADERS).send(errorCodes()));
}

/** Each code has an anchor of its name, so that a refusal can lead to its line. */
function errorCodes(): string {
  const ours = (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => {
    const { retry } = new DomainError(code);
    return rowOf(code, [ERROR_CODES[code], retry]);
  });
  const standard = Object.entries(STANDARD_CODES).map(([code, words]) => rowOf(code, [words]));
  return renderPage(
    'Assent: error codes',
    `<main class="reading">
<p><a href="/explorer">The explorer</a></p>
<h1>Error codes</h1>
<p>An error carries <code>extensions { code assentCode retry requestId }</code>. <code>assentCode</code> is always
one of the first table. <code>code</code> is the same, but for what is wrong with a document or its variables: there
it is the code that clients of GraphQL know, of the second table. <code>retry</code> says what helps: <b>NEVER</b>,
the same input fails again; <b>REPROVE</b>, make the proof again; <b>LATER</b>, ask again later. A code never changes
its meaning.</p>
${tableOf(['Code', 'What happened', 'Retry'], ours)}
<h2>Codes that GraphQL clients know</h2>
${tableOf(['Code', 'What happened'], standard)}
</main>`,
  );
}

function rowOf(code: string, cells: readonly string[]): string {
  const rest = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
  return `<tr id="${code}"><th scope="row"><code>${code}</code></th>${rest}</tr>`;
}

function tableOf(head: readonly string[], rows: readonly string[]): string {
  const names = head.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="wide"><table>
<thead><tr>${names}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}
