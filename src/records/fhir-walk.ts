import type { Coding } from '@medplum/fhirtypes';

/** What a resource says in codes, and in words about them. */
export interface Said {
  readonly codings: readonly Coding[];
  /** The text of each concept: of what has codings, or is words alone. */
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

function gather(value: unknown, said: { readonly codings: Coding[]; readonly texts: string[] }) {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) gather(one, said);
    return;
  }
  const { system, code, coding, text } = value as Readonly<Record<string, unknown>>;
  if (typeof system === 'string' && typeof code === 'string') said.codings.push(value as Coding);
  if (typeof text === 'string' && (Array.isArray(coding) || Object.keys(value).length === 1)) {
    said.texts.push(text);
  }
  // Object.values would make a list for each object of each resource.
  for (const name in value) gather((value as Readonly<Record<string, unknown>>)[name], said);
}
