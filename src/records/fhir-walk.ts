import type { CodeableConcept, Coding } from '@medplum/fhirtypes';

/**
 * Every coding of a resource, wherever it stands: reasons, components, contained resources and
 * extensions too, so that a new kind of record needs no line here.
 */
export function* codingsIn(value: unknown): Generator<Coding> {
  for (const one of objectsIn(value)) {
    if (typeof one.system === 'string' && typeof one.code === 'string') yield one as Coding;
  }
}

/** Every concept of a resource: what has codings, or words alone. */
export function* conceptsIn(value: unknown): Generator<CodeableConcept> {
  for (const one of objectsIn(value)) {
    const wordsAlone = typeof one.text === 'string' && Object.keys(one).length === 1;
    if (Array.isArray(one.coding) || wordsAlone) yield one as CodeableConcept;
  }
}

function* objectsIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Readonly<Record<string, unknown>>;
  for (const one of Object.values(value)) yield* objectsIn(one);
}
