import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';

/** Entities of other rooms, and the study, which leads back here. */
const ELSEWHERE = new Set(['Study', 'Institution', 'Lot']);

/**
 * A query for all that a node says of participants: every field of every type, read off the schema,
 * so that a kind of record that is added later is searched too.
 */
export function everythingOf(schema: GraphQLSchema): string {
  const participant = schema.getType('Participant');
  if (!isObjectType(participant)) throw new Error('the schema has participants');
  return `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Participant { ${fieldsOf(participant, schema, [])} } } }`;
}

function fieldsOf(
  type: GraphQLObjectType,
  schema: GraphQLSchema,
  within: readonly GraphQLNamedType[],
): string {
  const fields = Object.values(type.getFields());
  return fields.map((field) => selectionOf(field, schema, [...within, type])).join(' ');
}

function selectionOf(
  field: GraphQLField<unknown, unknown>,
  schema: GraphQLSchema,
  within: readonly GraphQLNamedType[],
): string {
  const type = getNamedType(field.type);
  if (within.includes(type)) return '';
  const args = field.args.some(({ name }) => name === 'first') ? '(first: 1000)' : '';
  if (ELSEWHERE.has(type.name)) return isObjectType(type) ? `${field.name} { __typename }` : '';
  if (isObjectType(type)) return `${field.name}${args} { ${fieldsOf(type, schema, within)} }`;
  if (!isAbstractType(type)) return `${field.name}${args}`;
  const members = schema.getPossibleTypes(type);
  const parts = members.map(
    (member) => `... on ${member.name} { ${fieldsOf(member, schema, within)} }`,
  );
  return `${field.name}${args} { ${parts.join(' ')} }`;
}
