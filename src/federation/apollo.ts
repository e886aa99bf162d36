import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../core/log.js';
import { smallDocumentPlugin } from './document/guard.js';
import { MAX_TOKENS } from './document/limits.js';
import { operationPlugin } from './document/operation.js';
import { retryAfterPlugin } from './http/retry-after.js';
import { createErrorMask } from './mask-error.js';

type ApolloOptions = ConstructorParameters<typeof ApolloServer>[0];

/** What a server answers from: its own schema, or a supergraph through a gateway. */
export type Answering =
  | { readonly schema: GraphQLSchema }
  | { readonly gateway: NonNullable<ApolloOptions['gateway']> };

/**
 * An Apollo server with the limits and the masking that every endpoint of this product has, on a
 * gateway as on a node: nothing that is bounded at one can be asked unbounded at the other.
 */
export function createApollo<Context extends object>(
  answering: Answering,
  logger: Logger,
  plugins: readonly ApolloServerPlugin<Context>[] = [],
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
    // A stored query would outlive its request, and the store could be filled by anyone.
    persistedQueries: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: createErrorMask(logger),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      // It tells the time of each resolver, and so what a row took to be found, to anyone who asks.
      ApolloServerPluginInlineTraceDisabled(),
      smallDocumentPlugin(),
      operationPlugin(),
      retryAfterPlugin(),
      ...plugins,
    ],
  } as ConstructorParameters<typeof ApolloServer<Context>>[0]);
}
