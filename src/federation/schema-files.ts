import { isRefusalCode } from '../consent/base/refusal-code.js';
import { ERROR_CODES, type ErrorCode } from '../core/error-codes.js';
import { DomainError, invariant } from '../core/errors.js';
import { composeSubgraphs, type Supergraph } from './compose.js';
import { networkDomains } from './domains.js';
import { STANDARD_CODES } from './error-extensions.js';
import { gateChecksPage } from './gate-checks-page.js';
import { operatorRolesPage } from './operator/roles-page.js';

/** Printing a schema asks nothing, so being asked here is a bug. */
function neverAsked(): never {
  invariant(false, 'printing the schema asks no node and no ledger');
}

/**
 * The graph of every domain, composed and not to be asked.
 *
 * @param subgraphsUrl - as composeSubgraphs has it.
 */
export function composeDomains(subgraphsUrl?: string): Promise<Supergraph> {
  const domains = networkDomains({
    nodes: { ask: neverAsked },
    network: { network: neverAsked, institutions: neverAsked },
    activeInstitutions: neverAsked,
  });
  return composeSubgraphs(domains, subgraphsUrl);
}

/**
 * Everything in schema/ as the code prints it, by path below that folder. A test holds the files
 * equal to it, so that a change of the API is seen where it is reviewed.
 */
export async function schemaFiles(): Promise<ReadonlyMap<string, string>> {
  const supergraph = await composeDomains();
  const files = new Map<string, string>();
  for (const [name, sdl] of supergraph.subgraphSdl) {
    files.set(`subgraphs/${name}.graphql`, asFile(sdl));
  }
  files.set('supergraph.graphql', asFile(supergraph.supergraphSdl));
  files.set('api.graphql', asFile(supergraph.apiSdl));
  files.set('error-codes.md', errorCodesPage());
  files.set('gate-checks.md', gateChecksPage());
  files.set('operator-roles.md', operatorRolesPage());
  return files;
}

function asFile(text: string): string {
  return `${text.trim()}\n`;
}

const MEANING = `A failure is told in one of [four ways](../docs/errors.md). As an error it carries
\`extensions { code assentCode retry requestId }\`. \`assentCode\` is always one of the first table. \`code\` is the
same, but for what is wrong with a document or its variables: there it is the code that clients of GraphQL know, of the
second table. As a \`Refusal\` its \`code\` is one of those that the last column marks. \`retry\` says what helps: NEVER
(the same input fails again), REPROVE (make the proof again), LATER (ask again later; an answer with such an error
says in \`Retry-After\` after how many seconds). \`requestId\` is also the header \`x-request-id\` of the answer. A code never changes its meaning.`;

function errorCodesPage(): string {
  const rows = (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => {
    const { retry } = new DomainError(code);
    const refusal = isRefusalCode(code) ? 'yes' : '';
    return `| \`${code}\` | ${ERROR_CODES[code]} | ${retry} | ${refusal} |`;
  });
  const head = ['| code | what happened | retry | in a `Refusal` |', '| --- | --- | --- | --- |'];
  const table = [...head, ...rows].join('\n');
  return `# Error codes\n\n${MEANING}\n\n${table}\n\n${standardTable()}\n`;
}

function standardTable(): string {
  const rows = Object.entries(STANDARD_CODES).map(([code, words]) => `| \`${code}\` | ${words} |`);
  const head = ['| `code` of the standard | what happened |', '| --- | --- |'];
  return ['## Codes that GraphQL clients know', '', ...head, ...rows].join('\n');
}
