import { ApolloArmor } from '@escape.tech/graphql-armor';
import { GraphQLError, type ValidationContext, type ValidationRule } from 'graphql';
import { DomainError } from '../core/errors.js';

/** Bytes of a request body: a thousand proofs with their signals are about two million. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Tokens of a document. Comparing like fields is quadratic in them: 2,000 cost about 0.1 s. */
export const MAX_TOKENS = 2_000;

/** Fields below one another; an inline fragment is no field. The API's deepest path has 9. */
export const MAX_DEPTH = 16;

/** Renamed fields of an operation, fragments unfolded. */
export const MAX_ALIASES = 50;

/** Directives of an operation, fragments unfolded. */
export const MAX_DIRECTIVES = 50;

/** Entities in one `_entities` question to a subgraph: no page is longer. */
export const MAX_REPRESENTATIONS = 1_000;

/**
 * Validation rules that bound what a document can ask. Rows are bounded by `requireFewRows`:
 * armor's own cost rule does not see a page size in a variable or by default. Its token limit
 * answers 500, so Apollo's `parseOptions.maxTokens` stands in for it.
 */
export function limitRules(): ValidationRule[] {
  const { validationRules } = new ApolloArmor({
    blockFieldSuggestion: { enabled: false },
    maxTokens: { enabled: false },
    costLimit: { enabled: false },
    maxDepth: { n: MAX_DEPTH, flattenFragments: true, ...refusing('depth', MAX_DEPTH) },
    maxAliases: { n: MAX_ALIASES, ...refusing('aliases', MAX_ALIASES) },
    maxDirectives: { n: MAX_DIRECTIVES, ...refusing('directives', MAX_DIRECTIVES) },
  }).protect();
  return [...validationRules, refuseReservedAliases];
}

function refusing(measure: string, most: number) {
  const refuse = (context: ValidationContext | null) => {
    const originalError = new DomainError('INPUT_TOO_LARGE', { measure, most });
    context?.reportError(new GraphQLError(originalError.message, { originalError }));
  };
  return { propagateOnRejection: false, onReject: [refuse] };
}

/**
 * Refuses an alias that begins with two underscores, which GraphQL reserves: a router that merges
 * answers by name would meet `__proto__` or a false `__typename`.
 */
function refuseReservedAliases(context: ValidationContext) {
  return {
    Field(node: { readonly alias?: { readonly value: string } | undefined }) {
      if (node.alias === undefined || !node.alias.value.startsWith('__')) return;
      const originalError = new DomainError('BAD_INPUT', { alias: node.alias.value });
      context.reportError(new GraphQLError(originalError.message, { originalError }));
    },
  };
}
