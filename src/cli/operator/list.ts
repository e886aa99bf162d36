import { type Revocation, revocations } from '../../consent/operators/revoke.js';
import { lastUses, newestUses } from '../../consent/operators/use-log.js';
import { type OperatorKey, readOperatorKeys } from '../../core/operator/key.js';
import { isoFromSeconds, type Seconds } from '../../core/time.js';
import { withDatabaseBesideNode } from '../state/own-database.js';
import type { CommonOptions } from '../state/settings.js';

export type OperatorListOptions = CommonOptions & {
  readonly institution: string;
  /** How many of the newest uses are printed. */
  readonly uses: number;
};

/**
 * `assent operator list`: a line per key in the settings, a line per revocation, and the latest
 * rows of the audit log, newest first.
 *
 * @throws DomainError CONFIGURATION_INVALID, ALREADY_RUNNING
 */
export async function runOperatorList(options: OperatorListOptions): Promise<void> {
  await withDatabaseBesideNode(options, async ({ db, config }) => {
    const { operatorKeys } = config;
    const keys =
      operatorKeys === undefined ? [] : [...(await readOperatorKeys(operatorKeys)).values()];
    const lines = await db.transaction(async (tx) => {
      const revoked = await revocations(tx);
      const used = await lastUses(tx);
      const uses = await newestUses(tx, options.uses);
      return [
        ...(keys.length === 0 ? ['no keys in the settings'] : []),
        ...keys.map((key) => keyLine(key, used.get(key.id), revoked)),
        ...revoked.map(({ kind, name, at }) => `revoked ${kind} ${name} at ${isoFromSeconds(at)}`),
        ...uses.map(
          ({ id, at, key, jti, operation, requestId, about, outcome }) =>
            `use ${id} ${isoFromSeconds(at)} ${operation} ${outcome}${aboutOf(about)} key ${key} jti ${jti} request ${requestId}`,
        ),
      ];
    }, 'read');
    for (const line of lines) process.stdout.write(`${line}\n`);
  });
}

function aboutOf(about: string | null): string {
  return about === null ? '' : ` of ${about}`;
}

function keyLine(
  { id, algorithm, roles }: OperatorKey,
  usedAt: Seconds | undefined,
  revoked: readonly Revocation[],
): string {
  const used = usedAt === undefined ? 'never used' : `last used ${isoFromSeconds(usedAt)}`;
  const isRevoked = revoked.some(({ kind, name }) => kind === 'KEY' && name === id);
  return `key ${id} ${algorithm} ${roles.join('+')}, ${used}${isRevoked ? ', REVOKED' : ''}`;
}
