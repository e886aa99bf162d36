import type { Bundle, BundleEntry, Coding, Meta, Quantity, Resource } from '@medplum/fhirtypes';
import type { Random } from '../../core/random.js';
import { UCUM } from '../fhir/quantity.js';
import type { CodedTerm } from './terms.js';

/** A FHIR Reference by fullUrl, to a resource of any type. */
export interface Pointer {
  readonly reference: string;
}

/** One patient's chart at one hospital, written page by page as a FHIR transaction bundle. */
export interface Chart {
  readonly random: Random;
  readonly patientId: string;
  readonly subject: Pointer;
  /** Adds a resource under a new id and returns the reference to it. */
  add(resource: Resource): Pointer;
  /**
   * The same chart with a separate random stream for this concern, so that adding one does not
   * change what is generated for the others.
   */
  beside(concern: string): Chart;
  toBundle(): Bundle;
}

/** @param streamOf - the random stream of a concern; '' is the chart's own. */
export function openChart(streamOf: (concern: string) => Random): Chart {
  const entries: BundleEntry[] = [];
  const charts = new Map<string, Chart>();
  const own = streamOf('');
  const patientId = own.uuid();

  function add(resource: Resource, id: string): Pointer {
    const fullUrl = `urn:uuid:${id}`;
    entries.push({
      fullUrl,
      resource: { ...resource, id } as Resource,
      request: { method: 'POST', url: resource.resourceType },
    });
    return { reference: fullUrl };
  }

  function chartOf(random: Random): Chart {
    return {
      random,
      patientId,
      subject: { reference: `urn:uuid:${patientId}` },
      add: (resource) =>
        add(resource, resource.resourceType === 'Patient' ? patientId : random.uuid()),
      beside(concern) {
        const chart = charts.get(concern) ?? chartOf(streamOf(concern));
        charts.set(concern, chart);
        return chart;
      },
      toBundle: () => ({ resourceType: 'Bundle', type: 'transaction', entry: entries }),
    };
  }
  return chartOf(own);
}

export function conceptOf(...terms: readonly CodedTerm[]) {
  return { coding: terms.map((term): Coding => ({ ...term })) };
}

/** A measured value in UCUM, with one decimal at most. */
export function quantityOf(value: number, code: string): Quantity {
  return { value: Math.round(value * 10) / 10, unit: code, system: UCUM, code };
}

/** The label that an EHR puts on sensitive resources. */
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
