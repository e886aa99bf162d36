/** A form with its parser takes some 20 KB. */
const MAX_FORMS = 256;

/**
 * A maker of forms that makes each once for as long as it is in use. Zod compiles a form when it first reads by it,
 * which takes many times as long as the reading.
 *
 * It keeps 256 forms; then the one used longest ago makes room, so that nobody's page sizes fill the memory.
 *
 * @param make - pure; its keys are ids and numbers, without a space in them.
 */
export function keptForms<Keys extends readonly (string | number)[], Form extends object>(
  make: (...keys: Keys) => Form,
): (...keys: Keys) => Form {
  const kept = new Map<string, Form>();
  return (...keys) => {
    const name = keys.join(' ');
    const form = kept.get(name) ?? make(...keys);
    kept.delete(name);
    kept.set(name, form);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_FORMS) break;
      kept.delete(oldest);
    }
    return form;
  };
}
