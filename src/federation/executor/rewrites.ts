import type { FetchNodePathSegment, FetchRewrite } from '@graphql-hive/router-query-planner';
import type { IsOf } from './graph.js';
import { isAnswer } from './merge.js';

/**
 * Carries out what the planner wants changed in representations before they are sent, or in an answer
 * after it came: a key renamed, a value set. In place.
 */
export function rewrite(data: unknown, rewrites: readonly FetchRewrite[] = [], isOf: IsOf): void {
  for (const one of rewrites) {
    if ('KeyRenamer' in one) {
      const { path, renameKeyTo } = one.KeyRenamer;
      atEnd(data, path, isOf, (object, key) => {
        if (!(key in object)) return;
        object[renameKeyTo] = object[key];
        delete object[key];
      });
    } else {
      const { path, setValueTo } = 'ValueSetter' in one ? one.ValueSetter : one;
      atEnd(data, path, isOf, (object, key) => {
        object[key] = setValueTo;
      });
    }
  }
}

/** How keys of an answer are called afterwards: errors name them as they were. */
export function renamedKeys(rewrites: readonly FetchRewrite[] = []): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  for (const one of rewrites) {
    if (!('KeyRenamer' in one)) continue;
    const last = one.KeyRenamer.path.at(-1);
    if (last !== undefined && 'Key' in last) renamed.set(last.Key, one.KeyRenamer.renameKeyTo);
  }
  return renamed;
}

function atEnd(
  at: unknown,
  path: readonly FetchNodePathSegment[],
  isOf: IsOf,
  change: (object: Record<string, unknown>, key: string) => void,
): void {
  if (Array.isArray(at)) {
    for (const item of at) atEnd(item, path, isOf, change);
    return;
  }
  const [segment, ...rest] = path;
  if (!isAnswer(at) || segment === undefined) return;
  if ('TypenameEquals' in segment) {
    if (isOf(at.__typename, segment.TypenameEquals)) atEnd(at, rest, isOf, change);
  } else if (rest.length === 0) change(at, segment.Key);
  else atEnd(at[segment.Key], rest, isOf, change);
}
