import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  isOperatorRole,
  OPERATOR_ROLE_NAMES,
  type OperatorRole,
} from '../../core/operator/roles.js';
import { wholeNumber } from '../process/whole-number.js';

const ROLES_HINT = `of ${OPERATOR_ROLE_NAMES.join(', ')}; comma separated`;

/** `assent operator`: keys and tokens for an institution's staff and systems at its own node. */
export function addOperatorCommands(program: Command): void {
  const operator = program
    .command('operator')
    .description('keys and tokens for staff and systems at their own node');
  addSigningCommands(operator, program);
  operator
    .command('list')
    .description("print the keys in a node's settings, the revocations, and the audit log")
    .requiredOption('--institution <id>', 'whose node')
    .option('--uses <number>', 'also print this many of the newest uses', wholeNumber, 0)
    .action(async (options) => {
      const { runOperatorList } = await import('./list.js');
      await runOperatorList({ ...program.opts(), ...options });
    });
  operator
    .command('revoke')
    .description('revoke a key, or one token, permanently')
    .requiredOption('--institution <id>', 'whose node')
    .option('--key <id>', 'the id of a key')
    .option('--token <jti>', 'the jti of a token, as printed when signed or in the uses')
    .action(async (options) => {
      const { runOperatorRevoke } = await import('./revoke.js');
      await runOperatorRevoke({ ...program.opts(), ...options });
    });
}

/** Commands that an operator runs, possibly on another machine than the node. */
function addSigningCommands(operator: Command, program: Command): void {
  operator
    .command('key')
    .description("make a key pair; print the public key for the node's settings")
    .requiredOption('--roles <roles>', ROLES_HINT, roleList)
    .requiredOption('--out <file>', 'where to write the private key')
    .addOption(
      new Option('--algorithm <name>', 'the signature algorithm')
        .choices(['EdDSA', 'ES256'])
        .default('EdDSA'),
    )
    .action(async (options) => {
      const { runOperatorKey } = await import('./sign.js');
      await runOperatorKey({ ...program.opts(), ...options });
    });
  operator
    .command('token')
    .description('sign a token for one node, and print its Authorization header')
    .requiredOption('--key <file>', 'the private key')
    .requiredOption('--institution <id>', 'whose node')
    .requiredOption(
      '--endpoint <url>',
      "the node's endpoint, as `assent ledger institutions` prints it",
    )
    .option('--roles <roles>', `${ROLES_HINT} (default: all of the key)`, roleList)
    .option('--seconds <number>', 'its lifetime, 600 at most', wholeNumber, 600)
    .action(async (options) => {
      const { runOperatorToken } = await import('./sign.js');
      await runOperatorToken({ ...program.opts(), ...options });
    });
}

function roleList(text: string): readonly OperatorRole[] {
  const roles = [...new Set(text.split(','))];
  if (!roles.every(isOperatorRole)) throw new InvalidArgumentError(ROLES_HINT);
  return roles;
}
