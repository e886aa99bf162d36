import { canonicalJson } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';

/**
 * Lets one question through for each asker, however often it is repeated under other names, so that
 * aliases cost nothing. A second one is refused: two study keys in one request would tell whoever
 * carries it that they are one person's, and nobody knows two pages' cursors at once.
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
