import type { Resource } from '@medplum/fhirtypes';
import { sql } from 'drizzle-orm';
import { sha256Hex } from '../../../core/canonical.js';
import { type ColumnValues, columnsFrom, columnsOf, valuesOf } from '../../../store/columns.js';
import type { SqlTransaction } from '../../../store/database.js';
import type { ResourceName } from '../../identity/server.js';
import { resourceIdentifier } from '../../tables/table-identifier.js';

/** An Identifier as in the table: both parts as SHA-256, so that keys have a fixed length. */
export interface IdentifierDigest {
  /** '' for an identifier without a system. */
  readonly system: string;
  readonly value: string;
}

/** A stored resource and its identifiers. */
export interface Identified {
  readonly name: ResourceName;
  readonly identifiers: readonly IdentifierDigest[];
  /** Whether an earlier version may have had other identifiers. */
  readonly replaces: boolean;
}

export function digestOf(system: string, value: string): IdentifierDigest {
  return { system: system === '' ? '' : sha256Hex(system), value: sha256Hex(value) };
}

/**
 * The business identifiers of the resource itself, without duplicates; compared exactly as written.
 */
export function identifiersOf(resource: Resource): readonly IdentifierDigest[] {
  const { identifier } = resource as { readonly identifier?: unknown };
  if (identifier === undefined) return [];
  const found = new Map<string, IdentifierDigest>();
  for (const one of Array.isArray(identifier) ? identifier : [identifier]) {
    const { system, value } = (one ?? {}) as {
      readonly system?: unknown;
      readonly value?: unknown;
    };
    if (typeof value !== 'string' || value === '') continue;
    const digest = digestOf(typeof system === 'string' ? system : '', value);
    found.set(`${digest.system} ${digest.value}`, digest);
  }
  return [...found.values()];
}

const COLUMNS = columnsOf(resourceIdentifier);

/** Stores the identifiers by which those resources are found. */
export async function keepIdentifiers(
  tx: SqlTransaction,
  resources: readonly Identified[],
): Promise<void> {
  await dropIdentifiers(
    tx,
    resources.flatMap(({ name, replaces }) => (replaces ? [name] : [])),
  );
  const rows = resources.flatMap(({ name: { server, type, id }, identifiers }) =>
    identifiers.map((digest): ColumnValues => valuesOf(COLUMNS, { server, type, id, ...digest })),
  );
  if (rows.length === 0) return;
  await tx.execute(sql`INSERT INTO ${resourceIdentifier} ${columnsFrom(COLUMNS, rows)}`);
}

/** Deletes the identifiers of deleted resources, so that no condition finds these. */
export async function dropIdentifiers(
  tx: SqlTransaction,
  names: readonly ResourceName[],
): Promise<void> {
  if (names.length === 0) return;
  await tx.execute(sql`
    DELETE FROM resource_identifier AS own USING jsonb_to_recordset(${JSON.stringify(names)}::jsonb)
      AS gone(server text, type text, id text)
    WHERE own.type = gone.type AND own.id = gone.id AND own.server = gone.server`);
}
