import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

/**
 * By which identifiers stored resources are found, for conditional creates, updates and references. The
 * digests make the keys short; they hide nothing, since `resource` has the identifiers as they are.
 */
export const resourceIdentifier = pgTable(
  'resource_identifier',
  {
    server: text('server').notNull(), // as in resource
    type: text('type').notNull(),
    id: text('id').notNull(),
    system: text('system').notNull(), // SHA-256 of Identifier.system; '' for none
    value: text('value').notNull(), // SHA-256 of Identifier.value
  },
  (t) => [
    primaryKey({ columns: [t.type, t.id, t.server, t.system, t.value] }),
    index('resource_identifier_value_idx').on(t.value, t.type),
  ],
);
