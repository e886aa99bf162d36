import { remember } from '../core/remember.js';
import type { Sensitivity } from '../zk/vocabulary.js';
import type { Said } from './fhir-walk.js';
import { SENSITIVE_CODES } from './sensitive-codes.js';
import { type PrefixRule, SENSITIVE_PREFIXES } from './sensitive-prefixes.js';
import { labelsOfWords } from './sensitive-words.js';

/** Codes and words whose labels are kept at hand: a hospital's records share a few thousand. */
const MAX_REMEMBERED = 20_000;

const LABEL_OF_CODE: ReadonlyMap<string, Sensitivity> = new Map(
  SENSITIVE_CODES.flatMap(({ system, label, codes }) =>
    Object.keys(codes).map((code) => [`${system}|${code}`, label] as const),
  ),
);
const RULES_OF_SYSTEM: ReadonlyMap<string, readonly PrefixRule[]> = new Map(
  [...new Set(SENSITIVE_PREFIXES.flatMap(({ systems }) => systems))].map((system) => [
    system,
    SENSITIVE_PREFIXES.filter(({ systems }) => systems.includes(system)),
  ]),
);

/**
 * What a resource is about that people are judged for, by the codes and words in it: its own, its
 * reasons, its components, whatever it contains. It needs the whole resource, because a reason
 * that never leaves still says what the rest is about.
 *
 * A resource that only refers to a sensitive one has no code of it, and is not found.
 */
export function sensitivityOf({ codings, texts }: Said): readonly Sensitivity[] {
  const found = new Set<Sensitivity>();
  for (const { system = '', code = '', display } of codings) {
    for (const label of labelsOfKey(`${system}|${code}`)) found.add(label);
    if (display !== undefined) for (const label of labelsOfText(display)) found.add(label);
  }
  for (const text of texts) for (const label of labelsOfText(text)) found.add(label);
  return [...found];
}

const labelsOfText = remember(MAX_REMEMBERED, labelsOfWords);
const labelsOfKey = remember(MAX_REMEMBERED, labelsOfCode);

/** @param key - 'system|code'; a system has no bar in it. */
function labelsOfCode(key: string): readonly Sensitivity[] {
  const listed = LABEL_OF_CODE.get(key);
  if (listed !== undefined) return [listed];
  const bar = key.indexOf('|');
  const bare = key
    .slice(bar + 1)
    .toUpperCase()
    .replaceAll('.', '');
  const begins = (prefixes: readonly string[] = []) =>
    prefixes.some((prefix) => bare.startsWith(prefix));
  const rules = RULES_OF_SYSTEM.get(key.slice(0, bar)) ?? [];
  return rules.filter((rule) => begins(rule.begins) && !begins(rule.but)).map(({ label }) => label);
}
