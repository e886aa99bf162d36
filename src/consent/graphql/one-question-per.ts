import { canonicalJson } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';

/**
 * Allows one question per asker, however often it is repeated under aliases, so that aliases cost
 * nothing. A second question is refused: two study keys in one request would reveal to its carrier
 * that they belong to one person, and no honest client asks for two pages at once.
 */
export function oneQuestionPer<Asker extends object, Value>(argument: string) {
  const asked = new WeakMap<Asker, { readonly question: string; readonly answer: Value }>();
  return (asker: Asker, question: object, ask: () => Value): Value => {
    const text = canonicalJson(question);
    const known = asked.get(asker);
    if (known === undefined) {
      const answer = ask();
      asked.set(asker, { question: text, answer });
      return answer;
    }
    if (known.question === text) return known.answer;
    throw new DomainError('INPUT_TOO_LARGE', { argument, most: 1 });
  };
}
