import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
} from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import * as apollo3 from 'apollo-client-3/core/index.js';
import {
  createOperationDescriptor,
  Environment,
  Network,
  RecordSource,
  type RequestParameters,
  Store,
} from 'relay-runtime';

/*
 * What each client that people use is told, with its default settings. Nothing here is Node's: the same file is
 * bundled for a browser.
 */

const PLAIN = 'query Plain { token }';
const WITH_VARIABLES = 'query Some($n: Int!) { widgets(first: $n) { complete nodes { id } } }';
const PARTLY = 'query Partly { token refused }';
const WRONG = 'query Wrong { nothing }';

/** One client's questions. */
interface Asking {
  /** The data of a query, and the codes of its errors. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Told>;
}
interface Told {
  readonly data: unknown;
  readonly codes: readonly unknown[];
}
export interface Report {
  readonly plain: unknown;
  readonly widgets: unknown;
  readonly partly: readonly unknown[];
  readonly wrong: readonly unknown[];
}

export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const codesOf = (errors: readonly { readonly extensions?: unknown }[] | undefined) =>
  (errors ?? []).map(({ extensions }) => (extensions as { readonly code?: unknown })?.code);

function byApollo4(link: ApolloLink): Asking {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return {
    async ask(query, variables = {}) {
      const { data, error } = await client.query({
        query: gql(query),
        variables,
        errorPolicy: 'all',
      });
      return {
        data,
        codes: CombinedGraphQLErrors.is(error) ? codesOf(error.errors) : [error?.message],
      };
    },
  };
}

function byApollo3(uri: string): Asking {
  const link = new apollo3.HttpLink({ uri });
  const client = new apollo3.ApolloClient({ link, cache: new apollo3.InMemoryCache() });
  return {
    async ask(query, variables = {}) {
      try {
        const asked = { query: apollo3.gql(query), variables, errorPolicy: 'all' as const };
        const { data, errors } = await client.query(asked);
        return { data, codes: codesOf(errors) };
      } catch (thrown) {
        const { result } = (thrown as apollo3.ApolloError).networkError as apollo3.ServerError;
        return { data: undefined, codes: codesOf((result as { errors: [] }).errors) };
      }
    },
  };
}

function byUrql(url: string): Asking {
  const client = new Client({ url, exchanges: [cacheExchange, fetchExchange] });
  return {
    async ask(query, variables = {}) {
      const { data, error } = await client.query(query, variables).toPromise();
      return { data, codes: codesOf(error?.graphQLErrors) };
    },
  };
}

/** Relay's network layer as its documentation has it: by text, or by the hash that its compiler was told to make. */
function byRelay(url: string, isPersisted: boolean): Asking {
  const network = Network.create(async ({ id, text }: RequestParameters, variables) => {
    const asked = id === null ? { query: text } : { documentId: `sha256:${id}` };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...asked, variables }),
    });
    return answer.json();
  });
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return {
    async ask(query, variables = {}) {
      const id = isPersisted ? await sha256(query) : null;
      const operation = createOperationDescriptor(requestFor(query, id), variables);
      try {
        const response = (await environment.execute({ operation }).toPromise()) as Answer;
        return { data: response?.data, codes: codesOf(response?.errors) };
      } catch (thrown) {
        // An answer without data. What Relay throws holds the errors.
        const { source } = thrown as { source?: { errors: [] } };
        return { data: undefined, codes: codesOf(source?.errors) };
      }
    },
  };
}
type Answer = { readonly data?: unknown; readonly errors?: [] } | undefined;

/** As relay-compiler writes it for a document; nothing is selected, as only the answer is looked at. */
function requestFor(text: string, id: string | null) {
  const name = /^\w+ (\w+)/.exec(text)?.[1] ?? '';
  const argumentDefinitions = [...text.matchAll(/\$(\w+):/g)].map(([, argument = '']) => ({
    kind: 'LocalArgument' as const,
    name: argument,
    defaultValue: null,
  }));
  const selected = { argumentDefinitions, name, selections: [] };
  const named = { cacheID: name, metadata: {}, name, operationKind: 'query' as const };
  return {
    kind: 'Request' as const,
    fragment: {
      ...selected,
      kind: 'Fragment' as const,
      type: 'Query',
      metadata: null,
      abstractKey: null,
    },
    operation: { ...selected, kind: 'Operation' as const },
    params: { ...named, ...(id === null ? { id, text } : { id, text: null }) },
  };
}

async function reportOf({ ask }: Asking): Promise<Report> {
  const plain = await ask(PLAIN);
  const widgets = await ask(WITH_VARIABLES, { n: 2 });
  const partly = await ask(PARTLY);
  const wrong = await ask(WRONG);
  const { widgets: page } = widgets.data as { readonly widgets: { readonly complete: boolean } };
  return {
    plain: typeof (plain.data as { readonly token: unknown }).token,
    widgets: page.complete,
    partly: partly.codes,
    wrong: wrong.codes,
  };
}

/** Asks a gateway with every client. @param url - of its `/graphql`. */
export async function askWithAll(url: string): Promise<Record<string, Report>> {
  const http = (options = {}) => new HttpLink({ uri: url, ...options });
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  return {
    'Apollo Client 4': await reportOf(byApollo4(http())),
    'Apollo Client 4 by GET': await reportOf(byApollo4(http({ useGETForQueries: true }))),
    'Apollo Client 4 by hash': await reportOf(byApollo4(ApolloLink.from([persisted, http()]))),
    'Apollo Client 3': await reportOf(byApollo3(url)),
    urql: await reportOf(byUrql(url)),
    Relay: await reportOf(byRelay(url, false)),
  };
}

/** What a page reads of a gateway that it can only learn from an answer's head. */
export async function readHead(origin: string): Promise<Record<string, string | null>> {
  const { headers } = await fetch(`${origin}/.well-known/assent`);
  const refused = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer no.token.here',
      traceparent: '00-0-0-00',
    },
    body: JSON.stringify({ query: PLAIN }),
  });
  const { errors } = (await refused.json()) as { errors: [{ extensions: { requestId: string } }] };
  return {
    nonce: headers.get('dpop-nonce'),
    id: String(refused.headers.get('x-request-id') === errors[0].extensions.requestId),
    page: await fetch(`${origin}/explorer`).then(
      (page) => page.text(),
      () => null,
    ),
  };
}

/** Relay by the hashes that its compiler makes: of trusted documents alone. */
export async function askRelayByHash(url: string): Promise<unknown> {
  const { data } = await byRelay(url, true).ask(PLAIN);
  return typeof (data as { readonly token: unknown } | undefined)?.token;
}
