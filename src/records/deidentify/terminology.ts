import type { Meta } from '@medplum/fhirtypes';
import { memoizeByText } from '../../core/memoize-by-text.js';
import { hasLoincDigit, hasUniiCharacter, hasVerhoeffDigit } from '../codes/check-digits.js';
import { CODE_SYSTEMS } from '../codes/code-systems.js';
import { FORMS } from '../codes/forms.js';
import type { Said } from '../codes/said.js';
import { isReviewed } from './reviewed.js';
import { safeUcum } from './ucum.js';

/*
 * Which codes may be released: those published by someone other than the custodian. For a system
 * that is published in full, every code is known; for a large one, its pattern and check digit. A
 * code of any other system could be anything, such as a record number or a name, and is not
 * released.
 */

const UNITS = 'http://unitsofmeasure.org';

type HasForm = (code: string) => boolean;

const CHECKS: Readonly<Record<string, HasForm>> = {
  'http://snomed.info/sct': hasVerhoeffDigit,
  'http://loinc.org': hasLoincDigit,
  'http://fdasis.nlm.nih.gov': hasUniiCharacter,
  [UNITS]: (code) => safeUcum(code) !== null,
};

/** Maximum number of codes per system whose check is cached. */
const MAX_REMEMBERED = 5_000;
const HAS_FORM = new Map<string, HasForm>();

/** Whether the code is in the terminology, or could be by its pattern. */
export function isPublishedCode(system: string, code: string): boolean {
  let hasForm = HAS_FORM.get(system);
  if (hasForm === undefined) {
    const made = formOf(system);
    if (made === undefined) return false;
    hasForm = made;
    // Only published systems, which are few: senders can invent any number of others, which would
    // fill memory.
    HAS_FORM.set(system, hasForm);
  }
  return hasForm(code);
}

/**
 * How many codes of a resource are of no published terminology. Units, and the tags in `meta`, do
 * not count.
 */
export function localCodesIn({ codings }: Said, { tag = [], security = [] }: Meta = {}): number {
  const toServers: ReadonlySet<unknown> = new Set([...tag, ...security]);
  return codings.filter(
    (coding) =>
      !toServers.has(coding) &&
      coding.system !== UNITS &&
      !isPublishedCode(coding.system ?? '', coding.code ?? ''),
  ).length;
}

function formOf(system: string): HasForm | undefined {
  // In a system that was not reviewed, even a published code may be sensitive without a label.
  if (!isReviewed(system)) return undefined;
  const form = Object.hasOwn(FORMS, system) ? FORMS[system] : undefined;
  if (form === undefined) {
    const codes = codeSystems().get(system);
    return codes === undefined ? undefined : (code) => codes.has(code);
  }
  const check = CHECKS[system] ?? (() => true);
  return memoizeByText(MAX_REMEMBERED, (code) => form.test(code) && check(code));
}

let known: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** The systems of code-systems.ts with their codes, parsed on first use. */
export function codeSystems(): ReadonlyMap<string, ReadonlySet<string>> {
  if (known !== undefined) return known;
  const systems = new Map<string, Set<string>>();
  let codes = new Set<string>();
  for (const word of CODE_SYSTEMS.trim().split(/\s+/)) {
    if (word.startsWith('=')) {
      codes = new Set();
      systems.set(word.slice(1).replace(/^~/, 'http://terminology.hl7.org/CodeSystem/'), codes);
    } else {
      codes.add(word.includes('%') ? decodeURIComponent(word) : word);
    }
  }
  known = systems;
  return known;
}
