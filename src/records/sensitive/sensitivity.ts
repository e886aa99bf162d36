import { memoizeByText } from '../../core/memoize-by-text.js';
import type { Sensitivity } from '../../zk/vocabulary.js';
import type { Said } from '../codes/said.js';
import { LOINC } from '../codes/system-names.js';
import { SENSITIVE_HL7_CODES } from './hl7-codes.js';
import { SENSITIVE_INGREDIENTS } from './ingredients.js';
import { PANELS, SENSITIVE_ANSWERS } from './panels.js';
import { SENSITIVE_CODES } from './sensitive-codes.js';
import { type PrefixRule, SENSITIVE_PREFIXES } from './sensitive-prefixes.js';
import { labelsOfWords } from './sensitive-words.js';
import { VALUE_SETS } from './value-sets.js';

/**
 * Maximum number of codes and words whose labels are cached: a hospital's records share a few
 * thousand.
 */
const MAX_REMEMBERED = 20_000;

const LABELS_OF_CODE: ReadonlyMap<string, readonly Sensitivity[]> = labelsByCode();
const RULES_OF_SYSTEM: ReadonlyMap<string, readonly PrefixRule[]> = new Map(
  [...new Set(SENSITIVE_PREFIXES.flatMap(({ systems }) => systems))].map((system) => [
    system,
    SENSITIVE_PREFIXES.filter(({ systems }) => systems.includes(system)),
  ]),
);

/**
 * The sensitive subjects of a resource, by all codes and words in it: its own, its reasons, its
 * components and contained resources. It needs the whole resource, because even a reason that is
 * never released says what the rest is about.
 *
 * Records that it refers to, or that refer to it, are not considered here: see labels/spread.ts.
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

const labelsOfText = memoizeByText(MAX_REMEMBERED, labelsOfWords);
const labelsOfKey = memoizeByText(MAX_REMEMBERED, labelsOfCode);

/** @param key - 'system|code'; a system has no bar in it. */
function labelsOfCode(key: string): readonly Sensitivity[] {
  const listed = LABELS_OF_CODE.get(key);
  if (listed !== undefined) return listed;
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

function labelsByCode(): ReadonlyMap<string, readonly Sensitivity[]> {
  const labels = new Map<string, Sensitivity[]>();
  const add = (system: string, code: string, label: Sensitivity) => {
    const key = `${system}|${code}`;
    const known = labels.get(key) ?? [];
    if (!known.includes(label)) labels.set(key, [...known, label]);
  };
  for (const { system, label, codes } of [...SENSITIVE_CODES, ...SENSITIVE_INGREDIENTS]) {
    for (const code of Object.keys(codes)) add(system, code, label);
  }
  // An individually listed code was reviewed, so the value sets add nothing to it.
  const reviewed = new Set(labels.keys());
  for (const { system, label, codes } of VALUE_SETS) {
    for (const code of codes.trim().split(/\s+/)) {
      if (!reviewed.has(`${system}|${code}`)) add(system, code, label);
    }
  }
  for (const [label, systems] of Object.entries(SENSITIVE_HL7_CODES)) {
    for (const [system, codes] of Object.entries(systems)) {
      for (const code of codes.split(' ')) add(system, code, label as Sensitivity);
    }
  }
  for (const { label, codes, members } of [...PANELS, SENSITIVE_ANSWERS]) {
    for (const code of [...codes, ...members]) add(LOINC, code, label);
  }
  return labels;
}
