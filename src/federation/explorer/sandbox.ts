import {
  ApolloServerPluginLandingPageLocalDefault,
  type ApolloServerPluginLandingPageLocalDefaultOptions,
} from '@apollo/server/plugin/landingPage/default';
import { invariant } from '../../core/errors.js';
import type { Landing } from './landing.js';
import { escapeHtml } from './markup.js';
import type { Persona } from './personas.js';

export interface SandboxLinks {
  /** The explorer with the same persona. */
  readonly explorerUrl: string;
  /** Whose page it is, where there are personas. */
  readonly persona?: Persona | undefined;
}

/**
 * Apollo Sandbox as one page. Its script comes from Apollo's CDN: where that cannot be reached the
 * page leads to the explorer, which needs nothing from elsewhere.
 */
export async function renderSandbox(
  { document, headers }: Landing,
  links: SandboxLinks,
): Promise<string> {
  const options: ApolloServerPluginLandingPageLocalDefaultOptions = {
    document,
    headers: { ...headers },
    embed: { runTelemetry: false },
  };
  const plugin = ApolloServerPluginLandingPageLocalDefault(options);
  // The plugin's own server would ask for one page for its whole life; a token is minted for each.
  const listener = await plugin.serverWillStart?.({} as never);
  const page = await listener?.renderLandingPage?.();
  invariant(page !== undefined, "Apollo's landing page renders");
  const html = typeof page.html === 'string' ? page.html : await page.html();
  return html
    .replace(REMOTE_STYLE, '')
    .replace('<title>Apollo Server</title>', '<title>Assent</title>')
    .replace('<h1>Welcome to Apollo Server</h1>', '<h1>Assent</h1>')
    .replace('#embeddableSandbox {', `${STYLE}\n  #embeddableSandbox {`)
    .replace('height: 100vh;', `height: calc(100vh - ${BAR_HEIGHT});`)
    .replace('position: absolute;\n    top: 0;', `position: absolute;\n    top: ${BAR_HEIGHT};`)
    .replace('<div id="react-root">', `${barOf(links)}\n<div id="react-root">`)
    .replace('might be offline.</p>', `might be offline.</p>${offlineHint(links)}`);
}

/** A style sheet holds up the first paint: where packets are dropped, the page would stay white. */
const REMOTE_STYLE = /<link\s+href="https:[^>]*rel="stylesheet"[^>]*>/;

const BAR_HEIGHT = '2.5rem';

/** Sandbox's empty frame lies over the whole page, its links included. */
const STYLE = `#embeddableSandbox:empty { display: none; }
  #assent {
    box-sizing: border-box; height: ${BAR_HEIGHT}; padding: 0.5rem 1rem;
    overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    font: 0.95rem/1.5 system-ui, sans-serif;
  }`;

/** Who asks here, and the way to the explorer, which stays in sight when Sandbox has loaded. */
function barOf({ explorerUrl, persona }: SandboxLinks): string {
  const who =
    persona === undefined
      ? ''
      : `As the ${escapeHtml(persona.name)}, who ${escapeHtml(persona.can)}. `;
  return `<nav id="assent"><a href="${explorerUrl}">Open the explorer</a>. ${who}</nav>`;
}

function offlineHint({ explorerUrl }: SandboxLinks): string {
  return `<p>Nothing is missing: <a href="${explorerUrl}">open the explorer</a>. It needs no network,
and has the same query and header filled in.</p>`;
}
