import { DomainError } from '../../core/errors.js';
import { toInstitutionId } from '../../core/ids.js';
import { operatorAudience } from '../../core/operator/audience.js';
import type { OperatorAlgorithm } from '../../core/operator/key.js';
import type { OperatorRole } from '../../core/operator/roles.js';
import { OPERATOR_TOKEN_SECONDS, signOperatorToken } from '../../core/operator/token.js';
import { makeKeyFile, readKeyFile } from './key-file.js';

export interface OperatorKeyOptions {
  readonly roles: readonly OperatorRole[];
  readonly out: string;
  readonly algorithm: OperatorAlgorithm;
}

/**
 * `assent operator key`: the entry for the settings goes to standard output, the private key only
 * into the file.
 */
export async function runOperatorKey({ roles, out, algorithm }: OperatorKeyOptions): Promise<void> {
  const { id, entry } = await makeKeyFile(out, algorithm, roles);
  process.stderr.write(`key ${id}; several keys in one setting are separated by commas\n`);
  process.stdout.write(`"operatorKeys": "${entry}"\n`);
}

export interface OperatorTokenOptions {
  readonly key: string;
  readonly institution: string;
  readonly endpoint: string;
  readonly roles?: readonly OperatorRole[];
  readonly seconds: number;
}

/**
 * `assent operator token`: the header goes to standard output; its jti, by which it can be revoked,
 * to standard error. It contacts nobody: only the node decides whether it accepts the token.
 *
 * @throws DomainError BAD_INPUT {seconds | roles | endpoint | key}, ID_MALFORMED, FILE_UNREADABLE
 */
export async function runOperatorToken(options: OperatorTokenOptions): Promise<void> {
  const { seconds } = options;
  if (seconds < 1 || seconds > OPERATOR_TOKEN_SECONDS) {
    throw new DomainError('BAD_INPUT', { seconds: `1 to ${OPERATOR_TOKEN_SECONDS}` });
  }
  const audience = operatorAudience(toInstitutionId(options.institution), options.endpoint);
  const signer = await readKeyFile(options.key);
  const { roles = signer.roles } = options;
  const beyond = roles.find((role) => !signer.roles.includes(role));
  if (beyond !== undefined)
    throw new DomainError('BAD_INPUT', { roles: `not of this key: ${beyond}` });
  const claims = { audience, roles, nowMs: Date.now(), seconds };
  const { jwt, jti, expSeconds } = await signOperatorToken(signer, claims);
  process.stderr.write(`jti ${jti}, until ${new Date(expSeconds * 1000).toISOString()}\n`);
  process.stdout.write(`Authorization: Bearer ${jwt}\n`);
}
