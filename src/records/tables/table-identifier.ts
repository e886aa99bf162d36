import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

/**
 * Identifiers by which stored resources are found, for conditional creates, updates and references.
 * The digests keep the keys short. They hide nothing, since `resource` has the identifiers in plain
 * text.
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
