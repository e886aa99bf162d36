import type { Coding } from '@medplum/fhirtypes';

/** The codes in a resource, and the words about them. */
export interface Said {
  readonly codings: readonly Coding[];
  /**
   * The text of each concept; the display of each reference and of each coding without a code; the
   * titles of documents, sections, lists and attachments.
   */
  readonly texts: readonly string[];
}

/**
 * Collects all of it from anywhere in the resource: reasons, components, contained resources and
 * extensions too, so that a new kind of record needs no change here.
 */
export function saidIn(value: unknown): Said {
  const said = { codings: [], texts: [] };
  gather(value, said);
  return said;
}

/**
 * The members of a CodeableConcept. An Annotation also has an author or a time, a Narrative a
 * `div`.
 */
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
  // `for in`, because Object.values would allocate a list for every object of every resource.
  for (const name in value) gather((value as Readonly<Record<string, unknown>>)[name], said);
}

function isConcept(value: object): boolean {
  return 'coding' in value || Object.keys(value).every((name) => OF_A_CONCEPT.has(name));
}
