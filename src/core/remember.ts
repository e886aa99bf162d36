/** Texts longer than this are answered anew: they are too rare to be worth their memory. */
const MAX_KEPT_LENGTH = 200;

/**
 * A pure function of a text that keeps its answers, for texts that recur: codes, and what they are
 * called. When it has `most` of them it forgets all, so that nobody's input can fill the memory.
 */
export function remember<Answer>(
  most: number,
  answer: (text: string) => Answer,
): (text: string) => Answer {
  const kept = new Map<string, Answer>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined || text.length > MAX_KEPT_LENGTH) return known ?? answer(text);
    if (kept.size >= most) kept.clear();
    const found = answer(text);
    kept.set(text, found);
    return found;
  };
}
