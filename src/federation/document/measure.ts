import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { DomainError } from '../../core/errors.js';

/**
 * What a document asks for once every spread stands for its fragment: what validating,
 * planning and executing it cost. Infinity where a number has no room for it.
 */
export interface DocumentSize {
  /** Fields, spreads and inline fragments. */
  readonly selections: number;
  /** Fields below one another at most. A fragment is no field. */
  readonly depth: number;
  /** Renamed fields. */
  readonly aliases: number;
  readonly directives: number;
  /** Fields of the operations themselves. Each may ask every node. */
  readonly rootFields: number;
}

const NOTHING: DocumentSize = { selections: 0, depth: 0, aliases: 0, directives: 0, rootFields: 0 };

/**
 * Measures a document in time linear to it: each fragment is measured once, however often it is
 * spread. All operations count, and fragments that none of them spreads: they are validated too.
 *
 * @throws DomainError BAD_INPUT {fragment} for a fragment that spreads itself.
 */
export function measureDocument({ definitions }: DocumentNode): DocumentSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, DocumentSize | 'begun'>();

  function measureFragment(name: string): DocumentSize {
    const known = measured.get(name);
    if (known === 'begun') throw new DomainError('BAD_INPUT', { fragment: name });
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    // Validation says that it is missing.
    if (fragment === undefined) return NOTHING;
    measured.set(name, 'begun');
    const size = withDirectives(measureSet(fragment.selectionSet), fragment.directives);
    measured.set(name, size);
    return size;
  }

  function measureSet({ selections }: SelectionSetNode): DocumentSize {
    let size = NOTHING;
    for (const selection of selections) {
      let below: DocumentSize;
      if (selection.kind === Kind.FRAGMENT_SPREAD) below = measureFragment(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) below = measureSet(selection.selectionSet);
      else {
        const { selectionSet, alias } = selection;
        const nested = selectionSet === undefined ? NOTHING : measureSet(selectionSet);
        const aliases = nested.aliases + (alias === undefined ? 0 : 1);
        below = { ...nested, aliases, depth: nested.depth + 1, rootFields: 1 };
      }
      below = { ...below, selections: below.selections + 1 };
      size = sumOf(size, withDirectives(below, selection.directives));
    }
    return size;
  }

  let size = NOTHING;
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const directives = [
      ...(definition.directives ?? []),
      ...(definition.variableDefinitions ?? []).flatMap((variable) => variable.directives ?? []),
    ];
    size = sumOf(size, withDirectives(measureSet(definition.selectionSet), directives));
  }
  for (const name of fragments.keys()) {
    if (!measured.has(name)) size = sumOf(size, measureFragment(name));
  }
  return size;
}

function withDirectives(
  size: DocumentSize,
  directives: readonly DirectiveNode[] = [],
): DocumentSize {
  return { ...size, directives: size.directives + directives.length };
}

function sumOf(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    selections: a.selections + b.selections,
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    rootFields: a.rootFields + b.rootFields,
  };
}
