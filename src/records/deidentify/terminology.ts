import type { Meta } from '@medplum/fhirtypes';
import { memoizeByText } from '../../core/memoize-by-text.js';
import { hasLoincDigit, hasUniiCharacter, hasVerhoeffDigit } from '../codes/check-digits.js';
import { CODE_SYSTEMS } from '../codes/code-systems.js';
import { FORMS } from '../codes/forms.js';
import type { Said } from '../codes/said.js';
import { isReviewed } from './reviewed.js';
import { safeUcum } from './ucum.js';

/*
 * Which codes may leave: those that someone other than the custodian published. Of a system that is
 * published whole each code is known; of a large one the form is, and a check digit if it has one. A
 * code of any other system can be anything, a record number or a name for one, and stays.
 */

const UNITS = 'http://unitsofmeasure.org';

type HasForm = (code: string) => boolean;

const CHECKS: Readonly<Record<string, HasForm>> = {
  'http://snomed.info/sct': hasVerhoeffDigit,
  'http://loinc.org': hasLoincDigit,
  'http://fdasis.nlm.nih.gov': hasUniiCharacter,
  [UNITS]: (code) => safeUcum(code) !== null,
};

/** Codes of each system whose form is kept at hand. */
const MAX_REMEMBERED = 5_000;
const HAS_FORM = new Map<string, HasForm>();

/** Whether a code is one that the terminology named has, or could have by its form. */
export function isPublishedCode(system: string, code: string): boolean {
  let hasForm = HAS_FORM.get(system);
  if (hasForm === undefined) {
    const made = formOf(system);
    if (made === undefined) return false;
    hasForm = made;
    // Published systems alone, which are few: what anybody calls a system would fill the memory.
    HAS_FORM.set(system, hasForm);
  }
  return hasForm(code);
}

/**
 * How many codes of a resource are of no published terminology; units, and what `meta` says to
 * servers, are none of them.
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
  // Of what nobody has looked at, a code that is published may still be one that no label covers.
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

/** The systems of code-systems.ts with their codes, read when the first is asked for. */
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
