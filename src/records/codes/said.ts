import type { Coding } from '@medplum/fhirtypes';

/** What a resource says in codes, and in words about them. */
export interface Said {
  readonly codings: readonly Coding[];
  /**
   * The text of each concept; the display of each reference, and of a coding without a code; the
   * title of a document, of its sections, of a list, of what is attached.
   */
  readonly texts: readonly string[];
}

/**
 * Everything that a resource says, wherever it stands: reasons, components, contained resources and
 * extensions too, so that a new kind of record needs no line here.
 */
export function saidIn(value: unknown): Said {
  const said = { codings: [], texts: [] };
  gather(value, said);
  return said;
}

/** The members of a concept; an Annotation has an author or a time, a Narrative a `div`. */
const OF_A_CONCEPT: ReadonlySet<string> = new Set(['id', 'extension', 'coding', 'text', '_text']);

function gather(value: unknown, said: { readonly codings: Coding[]; readonly texts: string[] }) {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) gather(one, said);
    return;
  }
  const { system, code, text, display, title } = value as Readonly<Record<string, unknown>>;
  if (typeof system === 'string' && typeof code === 'string') said.codings.push(value as Coding);
  else if (typeof display === 'string') said.texts.push(display);
  if (typeof text === 'string' && isConcept(value)) said.texts.push(text);
  if (typeof title === 'string') said.texts.push(title);
  // Object.values would make a list for each object of each resource.
  for (const name in value) gather((value as Readonly<Record<string, unknown>>)[name], said);
}

function isConcept(value: object): boolean {
  return 'coding' in value || Object.keys(value).every((name) => OF_A_CONCEPT.has(name));
}
