import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../core/log.js';
import { smallDocumentPlugin } from './document/guard.js';
import { MAX_REPRESENTATIONS, MAX_TOKENS } from './document/limits.js';
import { operationPlugin } from './document/operation.js';
import { fewErrorsPlugin } from './few-errors.js';
import { retryAfterPlugin } from './http/retry-after.js';
import { createErrorMask } from './mask-error.js';
import type { TrustedDocuments } from './trusted/documents.js';
import { trustedDocumentsPlugin } from './trusted/plugin.js';

type ApolloOptions = ConstructorParameters<typeof ApolloServer>[0];

/** A document store that is always empty. */
const EMPTY_STORE = {
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => false,
};

/** What a server answers from: its own schema, or a supergraph through a gateway. */
export type Answering =
  | { readonly schema: GraphQLSchema }
  | { readonly gateway: NonNullable<ApolloOptions['gateway']> };

/**
 * An Apollo server with the limits and the masking that every endpoint of this product has, on a
 * gateway as on a node: nothing that is bounded at one can be asked unbounded at the other.
 *
 * @param trusted - documents that are found by hash; none without it, as at a node.
 * @param mostRepresentations - entities that one request may ask for by reference.
 */
export function createApollo<Context extends object>(
  answering: Answering,
  logger: Logger,
  trusted?: TrustedDocuments,
  mostRepresentations = MAX_REPRESENTATIONS,
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    ...answering,
    logger,
    // One behaviour everywhere: what Apollo would switch on in development is chosen here by name.
    nodeEnv: 'production',
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    // Another site's page can have a browser send a GET without asking first. It learns nothing by that and changes
    // nothing: no cookie goes with it, a token is sent by who holds it alone, and a mutation is not taken by GET.
    // With this on, urql's and Apollo's own GETs would be refused.
    csrfPrevention: false,
    // Where only trusted documents are answered, another's hash is not found; elsewhere its text may be sent.
    persistedQueries: trusted?.trust === 'only' ? { cache: EMPTY_STORE } : false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: createErrorMask(logger),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      // It tells the time of each resolver, and so what a row took to be found, to anyone who asks.
      ApolloServerPluginInlineTraceDisabled(),
      ...(trusted === undefined ? [] : [trustedDocumentsPlugin(trusted)]),
      smallDocumentPlugin(),
      operationPlugin(mostRepresentations),
      fewErrorsPlugin(),
      retryAfterPlugin(),
    ],
  } as ConstructorParameters<typeof ApolloServer<Context>>[0]);
}
