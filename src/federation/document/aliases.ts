import { GraphQLError, type ValidationContext } from 'graphql';
import { DomainError } from '../../core/errors.js';

/**
 * A validation rule that refuses an alias beginning with two underscores, which GraphQL reserves: a
 * router that merges answers by name would meet `__proto__` or a false `__typename`.
 */
export function refuseReservedAliases(context: ValidationContext) {
  return {
    Field(node: { readonly alias?: { readonly value: string } | undefined }) {
      const { alias } = node;
      if (!alias?.value.startsWith('__')) return;
      const originalError = new DomainError('BAD_INPUT', { alias: alias.value });
      const nodes = [node as never];
      context.reportError(new GraphQLError(originalError.message, { nodes, originalError }));
    },
  };
}
