import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { print } from 'graphql';
import { faultsOf } from './faults.js';

const found: string[] = [];
const HELD = Symbol.for('assent.test.held-answers');

/** What was wrong with answers since it was last asked. */
export function takeFaults(): readonly string[] {
  return found.splice(0);
}

/**
 * Holds the final answer of every operation, of every Apollo server that a test starts in this process, to
 * the schema that it is served under. Nothing of it is in what is built: it is a plugin that only listens.
 */
export function holdAnswers(): void {
  const { prototype } = ApolloServer as unknown as { readonly prototype: ApolloServer };
  if (Object.hasOwn(prototype, HELD)) return;
  Object.defineProperty(prototype, HELD, { value: true });
  const start = prototype.start;
  prototype.start = function held(this: ApolloServer) {
    this.addPlugin(listen);
    return start.call(this);
  };
}

const listen: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ schema, document, operation, request, response }) => {
      if (document === undefined || operation === undefined || response.body.kind !== 'single')
        return;
      const answer = JSON.parse(JSON.stringify(response.body.singleResult));
      const variables = request.variables ?? {};
      for (const fault of faultsOf({ schema, document, operation, variables, answer })) {
        found.push(`${fault}\n${print(document)}`);
      }
    },
  }),
};
