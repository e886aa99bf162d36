import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { labelsOverLinks } from '../../../src/records/labels/fixpoint.js';
import { heldBy } from '../../../src/records/labels/links.js';

const NAME = { server: '', type: 'X', id: 'x' };
const heldOf = (resource: object) =>
  heldBy(resource as Resource, NAME).map(({ name, covers }) => [`${name.type}/${name.id}`, covers]);
const to = (reference: string) => [{ reference }];

describe('a resource holds', () => {
  test.each([
    ['DiagnosticReport', 'basedOn', 'ServiceRequest/1'],
    ['Observation', 'basedOn', 'ServiceRequest/1'],
    ['MedicationRequest', 'basedOn', 'ServiceRequest/1'],
    ['Procedure', 'basedOn', 'ServiceRequest/1'],
    ['ServiceRequest', 'reasonReference', 'Condition/1'],
    ['Observation', 'partOf', 'Procedure/1'],
    ['Procedure', 'partOf', 'Procedure/1'],
    ['MedicationAdministration', 'partOf', 'Procedure/1'],
  ])('%s.%s, which it does not label', (resourceType, element, reference) => {
    expect(heldOf({ resourceType, [element]: to(reference) })).toEqual([[reference, false]]);
  });

  test('what a panel that it contains holds', () => {
    const panel = { resourceType: 'Observation', id: 'p', hasMember: to('Observation/m') };
    const report = { resourceType: 'DiagnosticReport', contained: [panel], result: to('#p') };
    expect(heldOf(report)).toEqual([['Observation/m', true]]);
  });

  test('neither its patient nor its performer', () => {
    const who = { subject: { reference: 'Patient/1' }, performer: to('Practitioner/1') };
    expect(heldOf({ resourceType: 'Observation', ...who })).toEqual([]);
  });
});

describe('labels over links', () => {
  const own = (...labels: number[]) => labels.map((one) => ({ own: one }));
  const link = (holder: number, held: number, covers = true) => ({ holder, held, covers });

  test('go down to what is covered, and up to whatever tells of it', () => {
    // A report (0) of a labelled panel (1) with an answer (2), and of a result (3) beside it.
    const nodes = own(0, 1, 0, 0);
    const links = [link(0, 1), link(1, 2), link(0, 3)];
    expect(labelsOverLinks(nodes, links)).toEqual([1n, 1n, 1n, 0n]);
  });

  test('do not go down a link that does not cover', () => {
    expect(labelsOverLinks(own(4, 0), [link(0, 1, false)])).toEqual([4n, 0n]);
  });

  test('reach both ends of a circle, with the label that is never granted', () => {
    const labels = labelsOverLinks(own(2 ** 32, 1), [link(0, 1), link(1, 0), link(0, 0)]);
    expect(labels).toEqual([2n ** 32n + 1n, 2n ** 32n + 1n]);
  });

  test('cost no more than their links, in a chain of any length', () => {
    const length = 100_000;
    const chain = Array.from({ length }, (_, at) => link(at, at + 1));
    const nodes = Array.from({ length: length + 1 }, (_, at) => ({ own: at === 0 ? 1 : 0 }));
    const began = performance.now();
    expect(labelsOverLinks(nodes, chain).every((one) => one === 1n)).toBe(true);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
