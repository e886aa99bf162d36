import { z } from 'zod';

/** One of the names of a vocabulary, as a form of what another party sent. */
export function nameIn<Name extends string>(names: Readonly<Record<Name, unknown>>) {
  return z.enum(Object.keys(names) as [Name, ...Name[]]);
}
