import type { Coding } from '@medplum/fhirtypes';
import type { Sensitivity } from '../zk/vocabulary.js';
import { codingsIn, conceptsIn } from './fhir-walk.js';
import { SENSITIVE_CODES } from './sensitive-codes.js';
import { type PrefixRule, SENSITIVE_PREFIXES } from './sensitive-prefixes.js';
import { labelsOfWords } from './sensitive-words.js';

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
export function sensitivityOf(resource: object): readonly Sensitivity[] {
  const found = new Set<Sensitivity>();
  for (const coding of codingsIn(resource)) {
    for (const label of labelsOfCode(coding)) found.add(label);
    for (const label of labelsOfWords(coding.display ?? '')) found.add(label);
  }
  for (const { text } of conceptsIn(resource)) {
    for (const label of labelsOfWords(text ?? '')) found.add(label);
  }
  return [...found];
}

function labelsOfCode({ system = '', code = '' }: Coding): readonly Sensitivity[] {
  const listed = LABEL_OF_CODE.get(`${system}|${code}`);
  if (listed !== undefined) return [listed];
  const bare = code.toUpperCase().replaceAll('.', '');
  const begins = (prefixes: readonly string[] = []) =>
    prefixes.some((prefix) => bare.startsWith(prefix));
  const rules = RULES_OF_SYSTEM.get(system) ?? [];
  return rules.filter((rule) => begins(rule.begins) && !begins(rule.but)).map(({ label }) => label);
}
