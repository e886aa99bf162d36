import type { InternalTypeSchema } from '@medplum/core';
import { parseFhirTime } from '../../core/fhir-time.js';
import { isEnteredInError } from './entered-in-error.js';
import { REQUIRED_CODES } from './required-codes.js';

/*
 * R4's rules that Medplum's validator does not check: one form of each choice, required bindings,
 * no comparator in a SimpleQuantity, no end before its start.
 */

type Properties = Readonly<Record<string, unknown>>;

interface Rule {
  /** The choice element that the property is a form of: value[x] for valueQuantity. */
  readonly choice: string | undefined;
  readonly type: string;
  readonly codes: ReadonlySet<string> | undefined;
  readonly isSimpleQuantity: boolean;
}

/** The rules for a type's properties, and the stems of its choice elements. */
interface TypeRules {
  readonly properties: ReadonlyMap<string, Rule>;
  readonly stems: readonly string[];
}

const QUANTITIES = new Set(['Quantity', 'Age', 'Duration', 'Count', 'Distance']);

/**
 * Returns the check of those rules.
 *
 * @param types - the validator's own, by name.
 * @returns the rules that a resource breaks: the element's path and the rule, never the value.
 */
export function rulesOf(types: Readonly<Record<string, InternalTypeSchema>>) {
  const known = new Map<string, TypeRules | undefined>();
  const rulesFor = (type: string) => {
    if (!known.has(type)) {
      const schema = Object.hasOwn(types, type) ? types[type] : undefined;
      known.set(type, schema && typeRules(schema));
    }
    return known.get(type);
  };
  return (resource: unknown): readonly string[] => {
    const broken: string[] = [];
    const type = (resource as { readonly resourceType?: unknown } | null)?.resourceType;
    if (typeof type === 'string') checkObject(resource as Properties, type, type, broken);
    return broken;
  };

  function checkObject(object: Properties, type: string, path: string, broken: string[]): void {
    const rules = rulesFor(type);
    if (rules === undefined) return;
    const chosen = new Set<string>();
    for (const name in object) {
      const rule = rules.properties.get(name);
      if (rule === undefined) {
        const stem = rules.stems.find((one) => isFormOf(name, one));
        if (stem !== undefined) broken.push(`${path}.${stem}[x] has a type that R4 does not allow`);
        continue;
      }
      if (rule.choice !== undefined && chosen.size === chosen.add(rule.choice).size) {
        broken.push(`${path}.${rule.choice}[x] has more than one value`);
      }
      checkValue(object[name], rule, `${path}.${name}`, broken);
    }
    if (type === 'Period') checkPeriod(object, path, broken);
    if (type === 'Range') checkRange(object, path, broken);
  }

  function checkValue(value: unknown, rule: Rule, path: string, broken: string[]): void {
    if (Array.isArray(value)) {
      value.forEach((one, index) => {
        checkValue(one, rule, `${path}[${index}]`, broken);
      });
    } else if (typeof value === 'string') {
      const { codes } = rule;
      if (codes === undefined || codes.has(value)) return;
      // A record entered in error is hidden even if the code is misspelt: modifiers.ts.
      if (codes.has('entered-in-error') && isEnteredInError(value)) return;
      broken.push(`${path} is not a code of its required value set`);
    } else if (typeof value === 'object' && value !== null) {
      const { resourceType } = value as Properties;
      const isInside = rule.type === 'Resource' && typeof resourceType === 'string';
      if (rule.isSimpleQuantity && (value as Properties).comparator !== undefined) {
        broken.push(`${path}.comparator is not allowed in a SimpleQuantity`);
      }
      checkObject(value as Properties, isInside ? resourceType : rule.type, path, broken);
    }
  }
}

function typeRules({ elements, path }: InternalTypeSchema): TypeRules {
  const properties = new Map<string, Rule>();
  const stems: string[] = [];
  for (const [name, { type: forms }] of Object.entries(elements)) {
    const isChoice = name.endsWith('[x]');
    const stem = isChoice ? name.slice(0, -'[x]'.length) : name;
    if (isChoice) stems.push(stem);
    for (const { code, profile } of forms) {
      const codes = REQUIRED_CODES[`${path}.${stem}`];
      properties.set(isChoice ? `${stem}${capital(code)}` : stem, {
        choice: isChoice ? stem : undefined,
        type: code,
        codes: codes === undefined ? undefined : new Set(codes.split(' ')),
        isSimpleQuantity:
          QUANTITIES.has(code) && (profile ?? []).some((url) => url.endsWith('/SimpleQuantity')),
      });
    }
  }
  return { properties, stems };
}

/** Whether an unknown property can only be meant as a form of this choice. */
function isFormOf(name: string, stem: string): boolean {
  return name.startsWith(stem) && /^[A-Z]/.test(name.slice(stem.length));
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** @source R4 per-1: if present, start has a lower value than end. */
function checkPeriod({ start, end }: Properties, path: string, broken: string[]): void {
  if (typeof start !== 'string' || typeof end !== 'string') return;
  try {
    if (parseFhirTime(start).from < parseFhirTime(end).until) return;
    broken.push(`${path}.end is before its start`);
  } catch {
    // Another rule reports an invalid date.
  }
}

/** @source R4 rng-2: if present, low has a lower value than high. */
function checkRange({ low, high }: Properties, path: string, broken: string[]): void {
  const from = (low ?? {}) as Properties;
  const to = (high ?? {}) as Properties;
  if (typeof from.value !== 'number' || typeof to.value !== 'number') return;
  const sameUnit = from.system === to.system && from.code === to.code && from.unit === to.unit;
  if (sameUnit && from.value > to.value) broken.push(`${path}.low is above its high`);
}
