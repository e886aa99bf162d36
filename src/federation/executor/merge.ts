/** An object of an answer, by response key. */
export type SubgraphData = Record<string, unknown>;

export function isAnswer(value: unknown): value is SubgraphData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const OWN = { configurable: true, enumerable: true, writable: true };

/**
 * Adds to one answer what another knows of the same object. Lists of one length are the same list,
 * item by item; of any other two values the newer stays, unless it is null.
 */
export function mergeInto(target: SubgraphData, source: SubgraphData): void {
  for (const key of Object.keys(source)) {
    const known = Object.hasOwn(target, key) ? target[key] : undefined;
    const value = merged(known, source[key]);
    // An institution's JSON may have any key, and this one would reach what all objects share.
    if (key === '__proto__') Object.defineProperty(target, key, { ...OWN, value });
    else target[key] = value;
  }
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
