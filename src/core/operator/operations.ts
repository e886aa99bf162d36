import { OPERATOR_ROLE_NAMES, type OperatorRole } from './roles.js';

/** One thing that an operator can do at a node. */
export interface OperatorOperation {
  /** Who may: a token that has one of these roles. */
  readonly roles: readonly OperatorRole[];
  /** What it does, for schema/operator-roles.md. */
  readonly does: string;
}

/**
 * Everything that an operator token opens, by its name: a route as `METHOD /path`, a field of the API as
 * `Mutation.field`. What is not here cannot be opened by one, and nothing can be here without a role.
 */
export const OPERATIONS = {
  'GET /operator': {
    roles: OPERATOR_ROLE_NAMES,
    does: 'says whose token it is, with which roles and until when',
  },
  'POST /import': { roles: ['importer'], does: 'takes a file of records, trials or supply events' },
  'GET /import': { roles: ['importer'], does: 'says what was handed in, and what became of it' },
  'GET /import/:job': { roles: ['importer'], does: 'says how far an import is, and its refusals' },
  'DELETE /import/:job': { roles: ['importer'], does: 'ends an import that waits or runs' },
} as const satisfies Readonly<Record<string, OperatorOperation>>;

export type OperationName = keyof typeof OPERATIONS;

/** The names of those that are routes. */
export type OperatorRouteName = Extract<OperationName, `${string} /${string}`>;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** Whether a token of these roles may do it. */
export function mayDo(name: OperationName, roles: readonly OperatorRole[]): boolean {
  const { roles: allowed }: OperatorOperation = OPERATIONS[name];
  return roles.some((role) => allowed.includes(role));
}
