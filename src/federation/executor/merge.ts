/** An object of an answer, by response key. */
export type Answer = Record<string, unknown>;

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Adds to one answer what another knows of the same object. Lists of one length are the same list,
 * item by item; of any other two values the newer stays, unless it is null.
 */
export function mergeInto(target: Answer, source: Answer): void {
  for (const key of Object.keys(source)) target[key] = merged(target[key], source[key]);
}

/** One value of what two answers have in one place. */
export function merged(known: unknown, found: unknown): unknown {
  if (known === undefined || known === null || known === found) return found;
  if (found === null || found === undefined) return known;
  if (isAnswer(known) && isAnswer(found)) {
    mergeInto(known, found);
    return known;
  }
  if (Array.isArray(known) && Array.isArray(found) && known.length === found.length) {
    return known.map((item, i) => merged(item, found[i]));
  }
  return found;
}
