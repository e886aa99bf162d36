import type { Bundle, BundleEntry, Coding, Meta, Quantity, Resource } from '@medplum/fhirtypes';
import type { Random } from '../../core/random.js';
import { UCUM } from '../fhir-concept.js';
import type { Term } from './terms.js';

/** A FHIR Reference by fullUrl, to a resource of whatever type. */
export interface Pointer {
  readonly reference: string;
}

/** One patient's chart at one hospital, written page by page as a FHIR transaction bundle. */
export interface Chart {
  readonly random: Random;
  readonly patientId: string;
  readonly subject: Pointer;
  /** Adds a resource under an id of its own and returns the reference to it. */
  add(resource: Resource): Pointer;
  toBundle(): Bundle;
}

export function openChart(random: Random): Chart {
  const entries: BundleEntry[] = [];
  const patientId = random.uuid();

  function add(resource: Resource, id = random.uuid()): Pointer {
    const fullUrl = `urn:uuid:${id}`;
    entries.push({
      fullUrl,
      resource: { ...resource, id } as Resource,
      request: { method: 'POST', url: resource.resourceType },
    });
    return { reference: fullUrl };
  }

  return {
    random,
    patientId,
    subject: { reference: `urn:uuid:${patientId}` },
    add: (resource) => add(resource, resource.resourceType === 'Patient' ? patientId : undefined),
    toBundle: () => ({ resourceType: 'Bundle', type: 'transaction', entry: entries }),
  };
}

export function conceptOf(...terms: readonly Term[]) {
  return { coding: terms.map((term): Coding => ({ ...term })) };
}

/** A measured value in UCUM, with one decimal at most. */
export function quantityOf(value: number, code: string): Quantity {
  return { value: Math.round(value * 10) / 10, unit: code, system: UCUM, code };
}

/** The label an EHR puts on what needs special care. */
export function metaOf(label: string | undefined): { meta?: Meta } {
  if (label === undefined) return {};
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  return { meta: { security: [{ system, code: label }] } };
}

export function civilDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
