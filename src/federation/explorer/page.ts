import type { Landing } from './landing.js';
import { escapeHtml, jsonForScript, renderPage } from './markup.js';
import type { ReadyOperation } from './operations.js';
import type { Persona, Personas } from './personas.js';
import { REFERENCES } from './reference.js';

/** What an explorer's page is made of. */
export interface ExplorerPage {
  readonly landing: Landing;
  readonly operations: readonly ReadyOperation[];
  /** Only for a visitor on this machine, and only in the pilot. */
  readonly pilot?: {
    readonly personas: Pick<Personas, 'all' | 'study'>;
    readonly persona: Persona;
    /** What the page's own requests carry: see visitor.ts. */
    readonly pageKey: string;
  };
  /** Sandbox with the same persona. */
  readonly sandboxUrl: string;
}

/**
 * The explorer: GraphiQL, with what a newcomer needs to get started. It loads nothing from
 * elsewhere. Its data is in the page as JSON; page/main.js does the rest.
 */
export function renderExplorer(page: ExplorerPage): string {
  const { landing, pilot } = page;
  const operations = operationsOf(page);
  const data = {
    operations,
    first: landing.document,
    headers: landing.headers,
    persona: pilot?.persona ?? null,
    study: pilot?.personas.study ?? null,
    pageKey: pilot?.pageKey ?? null,
  };
  return renderPage(
    'Assent explorer',
    `<header>
<h1>Assent explorer</h1>
<button id="toggle" type="button" aria-expanded="true" aria-controls="panel">Guide</button>
</header>
<aside id="panel" aria-label="Guide">
${pilot === undefined ? '' : personaSection(pilot.personas.all, pilot.persona)}
<details open><summary>Token</summary><div id="token"></div></details>
${pilot?.persona.proves === undefined ? '' : proofSection(pilot.persona.proves)}
<details open data-long><summary>Ready operations</summary>
<p class="note">Each opens in a tab of its own, with its variables.</p>
<ul id="operations">${operations.map(operationItem).join('\n')}</ul></details>
<details open data-long><summary>More</summary><ul class="links">${linksTo(page.sandboxUrl)}</ul></details>
</aside>
<main id="graphiql" aria-label="GraphiQL"><noscript>The explorer needs JavaScript.</noscript></main>
<script type="application/json" id="data">${jsonForScript(data)}</script>`,
    `<link rel="stylesheet" href="/explorer/assets/graphiql.css">
<script src="/explorer/assets/graphiql.js" defer></script>
<script src="/explorer/assets/main.js" type="module"></script>
`,
  );
}

/** The ready operations, each with the variables that work at this installation. */
function operationsOf({ operations, landing }: ExplorerPage): readonly ReadyOperation[] {
  return operations.map((operation) => ({
    ...operation,
    variables: { ...operation.variables, ...landing.variables?.[operation.name] },
  }));
}

function operationItem({ name, title, audience, shows }: ReadyOperation): string {
  return `<li><button type="button" data-operation="${escapeHtml(name)}">${escapeHtml(title)}</button>
<span>${escapeHtml(shows)}</span> <span class="audience">For ${escapeHtml(audience)}.</span></li>`;
}

function personaSection(all: readonly Persona[], current: Persona): string {
  const items = all.map(({ name, can }) => {
    const is = name === current.name ? ' aria-current="page"' : '';
    const url = `/explorer?persona=${encodeURIComponent(name)}`;
    return `<li><a data-persona href="${url}"${is}>${escapeHtml(name)}</a> <span>${escapeHtml(can)}</span></li>`;
  });
  return `<details open><summary>Persona: <b>${escapeHtml(current.name)}</b></summary>
<ul class="personas">${items.join('\n')}</ul></details>`;
}

function proofSection(proves: string): string {
  return `<details open id="proof-section"><summary>Present a proof</summary>
<p>${escapeHtml(proves)}</p>
<div id="proof"></div>
<p class="note">The pilot's process makes the key and the proofs: it keeps its personas' secrets, which in life a
requester's own program keeps. This page then presents them through <code>/graphql</code>, as any client
would, and each institution checks every proof itself.</p></details>`;
}

function linksTo(sandboxUrl: string): string {
  const links = [...REFERENCES, [sandboxUrl, 'Apollo Sandbox'] as const];
  return links.map(([url, name]) => `<li><a href="${url}">${escapeHtml(name)}</a></li>`).join('\n');
}
