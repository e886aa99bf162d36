import { type DirectiveNode, Kind, type SelectionNode } from 'graphql';
import type { JsonValues } from './arguments.js';

/** Whether `@skip` or `@include` leaves a selection out, with these variables. */
export function isLeftOut({ directives = [] }: SelectionNode, variables: JsonValues): boolean {
  return directives.some((directive) => {
    if (directive.name.value === 'skip') return isTrue(directive, variables);
    return directive.name.value === 'include' && !isTrue(directive, variables);
  });
}

function isTrue({ arguments: given = [] }: DirectiveNode, variables: JsonValues): boolean {
  const value = given.find(({ name }) => name.value === 'if')?.value;
  if (value?.kind === Kind.VARIABLE) return variables[value.name.value] === true;
  return value?.kind === Kind.BOOLEAN && value.value;
}
