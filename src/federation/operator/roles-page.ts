import {
  OPERATION_NAMES,
  OPERATIONS,
  type OperatorOperation,
} from '../../core/operator/operations.js';
import { OPERATOR_ROLE_NAMES, OPERATOR_ROLES } from '../../core/operator/roles.js';

/** schema/operator-roles.md, printed from the table that the node itself decides by. */
export function operatorRolesPage(): string {
  const roles = OPERATOR_ROLE_NAMES.map((role) => `| \`${role}\` | ${OPERATOR_ROLES[role]} |`);
  const operations = OPERATION_NAMES.map((name) => {
    const { roles: allowed, does }: OperatorOperation = OPERATIONS[name];
    const cells = OPERATOR_ROLE_NAMES.map((role) => (allowed.includes(role) ? 'yes' : ''));
    return `| \`${name}\` | ${does} | ${cells.join(' | ')} |`;
  });
  return `# What operators may do

An operator token opens what has a line in the second table, for the roles that are marked, at its own node. It opens
nothing else: what a requester's proof opens is refused to it (\`OPERATOR_TOKEN_MISPLACED\`).
[How operators act](../docs/operators.md).

| role | who has it |
| --- | --- |
${roles.join('\n')}

| route or field | what it does | ${OPERATOR_ROLE_NAMES.join(' | ')} |
| --- | --- | ${OPERATOR_ROLE_NAMES.map(() => '---').join(' | ')} |
${operations.join('\n')}
`;
}
