/** Of the schema of a copy. No institution's id has a dot. */
export const COPY_ENDING = '.dry-run';

/** The statement that drops the copy of a schema's tables, if there is one. */
export function dropCopyOf(schema: string): string {
  return `DROP SCHEMA IF EXISTS "${schema}${COPY_ENDING}" CASCADE`;
}
