import { z } from 'zod';
import { invariant } from '../errors.js';

/** What a setting's number counts; empty for one that counts nothing. */
export type Unit =
  | ''
  | 's'
  | 'years'
  | 'days'
  | 'ms'
  | 'bits'
  | 'bytes'
  | 'megabytes'
  | 'percent'
  | 'requests'
  | 'connections'
  | 'institutions'
  | 'imports'
  | 'gwei';

/** What the documentation and the error messages say about a setting, in addition to its schema. */
export interface SettingNote {
  readonly description: string;
  /** What a value must look like, in words. */
  readonly form: string;
  readonly unit: Unit;
}

const notes = z.registry<SettingNote>();

/** A whole number within limits, both included. */
export function whole(least: number, most: number, unit: Unit, description: string) {
  const form = `whole number, ${least} to ${most}`;
  return z
    .number({ error: form })
    .int({ error: form })
    .min(least, { error: form })
    .max(most, { error: form })
    .register(notes, { description, form, unit });
}

/** A TCP port; 0 lets the system choose a free one. */
export function port(description: string) {
  return whole(0, 65_535, '', description);
}

/** A text of one form. */
export function text(pattern: RegExp, form: string, description: string) {
  return z
    .string({ error: form })
    .regex(pattern, { error: form })
    .register(notes, { description, form, unit: '' });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
) {
  const form = words.join(', ').replace(/, ([^,]*)$/, ' or $1');
  return z.enum(words, { error: form }).register(notes, { description, form, unit: '' });
}

/** Yes or no. */
export function flag(description: string) {
  const form = 'true or false';
  return z.boolean({ error: form }).register(notes, { description, form, unit: '' });
}

/** The note of a setting, whether or not it is optional or has a default. */
export function noteOf(setting: z.ZodType): SettingNote {
  const note = notes.get(innermost(setting) as z.ZodString);
  invariant(note !== undefined, 'every setting is made here, with a note');
  return note;
}

/** How a setting's value is read from the text of an environment variable. */
export function kindOf(setting: z.ZodType): 'number' | 'boolean' | 'text' {
  const inner = innermost(setting);
  if (inner instanceof z.ZodNumber) return 'number';
  return inner instanceof z.ZodBoolean ? 'boolean' : 'text';
}

/** What a setting without a value gets; undefined if it has none. */
export function defaultOf(setting: z.ZodType): unknown {
  return setting instanceof z.ZodDefault ? setting.def.defaultValue : undefined;
}

function innermost(setting: z.ZodType): z.ZodType {
  return setting instanceof z.ZodDefault || setting instanceof z.ZodOptional
    ? innermost(setting.def.innerType as z.ZodType)
    : setting;
}
