import { GraphQLError, type IntValueNode, type ValidationContext } from 'graphql';
import { DomainError } from '../../core/errors.js';

/** The router's planner reads whole numbers of 64 bits, and breaks off at any other. */
const MOST_BITS = 64;

/** A validation rule that refuses a whole number in a document which has more than 64 bits. */
export function refuseHugeIntegers(context: ValidationContext) {
  return {
    IntValue(node: IntValueNode) {
      const number = BigInt(node.value);
      if (BigInt.asIntN(MOST_BITS, number) === number) return;
      const originalError = new DomainError('BAD_INPUT', { bits: MOST_BITS });
      context.reportError(
        new GraphQLError(originalError.message, { nodes: [node], originalError }),
      );
    },
  };
}
