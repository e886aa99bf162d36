import type { InternalTypeSchema } from '@medplum/core';

/*
 * R4 allows white space between the groups of base64, because mail and XML wrap it. Medplum's
 * pattern does not, so the validator is given a copy without it. The original is stored.
 *
 * @source R4 datatypes.html#base64Binary
 */

const GROUPS = /^(?:[0-9A-Za-z+/=]{4})+$/;

/** The names, as JSON has them, of all elements that hold base64. */
export function base64ElementsOf(types: Iterable<InternalTypeSchema>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { elements } of types) {
    for (const [name, { type }] of Object.entries(elements)) {
      if (!type.some(({ code }) => code === 'base64Binary')) continue;
      names.add(name.replace(/\[x\]$/, 'Base64Binary'));
    }
  }
  names.delete('value');
  return names;
}

/** The text without white space if that makes it valid base64; otherwise unchanged. */
export function withoutWhiteSpace(text: string): string {
  if (!/\s/.test(text)) return text;
  const groups = text.replace(/\s+/g, '');
  return GROUPS.test(groups) ? groups : text;
}
