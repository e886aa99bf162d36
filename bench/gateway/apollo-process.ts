/**
 * Apollo Server with `@apollo/gateway` in a process of its own, as Apollo documents it, but that it passes
 * the token on. Run with the supergraph's path; prints its URL.
 */
import { readFileSync } from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify } from 'fastify';
import { sayOnceReady } from './program.js';

interface Context {
  readonly authorization?: string | undefined;
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(process.argv[2] ?? '', 'utf8'),
  buildService: ({ url }) =>
    new RemoteGraphQLDataSource<Context>({
      ...(url === undefined ? {} : { url }),
      willSendRequest: ({ request, context }) => {
        if (context.authorization)
          request.http?.headers.set('authorization', context.authorization);
      },
    }),
});
const apollo = new ApolloServer<Context>({
  gateway: gateway as never,
  nodeEnv: 'production',
  introspection: true,
  plugins: [ApolloServerPluginCacheControlDisabled()],
});
await apollo.start();
const app = fastify();
app.post(
  '/graphql',
  fastifyApolloHandler(apollo, {
    context: async ({ headers }) => ({ authorization: headers.authorization }),
  }),
);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
sayOnceReady({ url });
