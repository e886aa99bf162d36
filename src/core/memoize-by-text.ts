/** Longer texts are not kept: they are too rare to be worth their memory. Characters. */
const MAX_KEPT_LENGTH = 200;

/**
 * A pure function of a text that keeps its results, for texts that recur: codes, and what they are
 * called. It clears its cache at `maxEntries`, so that nobody's input can fill the memory.
 */
export function memoizeByText<Result>(
  maxEntries: number,
  compute: (text: string) => Result,
): (text: string) => Result {
  const kept = new Map<string, Result>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined || text.length > MAX_KEPT_LENGTH) return known ?? compute(text);
    if (kept.size >= maxEntries) kept.clear();
    const found = compute(text);
    kept.set(text, found);
    return found;
  };
}
