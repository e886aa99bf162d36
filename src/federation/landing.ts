import {
  ApolloServerPluginLandingPageLocalDefault,
  type ApolloServerPluginLandingPageLocalDefaultOptions,
} from '@apollo/server/plugin/landingPage/default';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { invariant } from '../core/errors.js';

/** What a visitor finds filled in: a query that runs, and the header that it needs. */
export interface Landing {
  readonly document: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Apollo Sandbox as one page. Its script comes from Apollo's CDN: where that cannot be reached the
 * page leads to the explorer, which needs nothing from elsewhere.
 *
 * @param explorerUrl - the explorer with the same persona.
 */
export async function renderSandbox(
  { document, headers }: Landing,
  explorerUrl: string,
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
    .replace('#embeddableSandbox {', `${UNCOVER_HINT}\n  #embeddableSandbox {`)
    .replace('might be offline.</p>', `might be offline.</p>${offlineHint(explorerUrl)}`);
}

/** A style sheet holds up the first paint: where packets are dropped, the page would stay white. */
const REMOTE_STYLE = /<link\s+href="https:[^>]*rel="stylesheet"[^>]*>/;

/** Sandbox's empty frame lies over the whole page, its links included. */
const UNCOVER_HINT = '#embeddableSandbox:empty { display: none; }';

function offlineHint(explorerUrl: string): string {
  return `<p>Nothing is missing: <a href="${explorerUrl}">open the explorer</a>. It needs no network,
and has the same query and header filled in.</p>`;
}

/** Tabs of an earlier visit come back without their headers, in front of what is filled in here. */
const FORGET_EARLIER_TABS = `<script>
  for (const key of ['tabState', 'query', 'variables']) localStorage.removeItem('graphiql:' + key);
</script>`;

/** GraphiQL as one page that loads nothing else: it works without a network. */
export function renderExplorer({ document, headers }: Landing): string {
  const headersText = JSON.stringify(headers, null, 2);
  const html = renderGraphiQL({
    title: 'Assent explorer',
    endpoint: '/graphql',
    defaultQuery: document,
    headers: headersText,
    defaultTabs: [{ query: document, headers: headersText }],
    // A token in the browser's storage would outlive its page.
    shouldPersistHeaders: false,
  });
  return html.replace('<div id="root"></div>', `<div id="root"></div>${FORGET_EARLIER_TABS}`);
}
