import type { Encounter } from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf } from './fhir-date.js';
import { parseHappened } from './fhir-period.js';
import { codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './fhir-record.js';
import { ENCOUNTER_STATUSES, type EncounterContent } from './kind-encounter.js';

/** Reads an Encounter; undefined if it was entered in error. */
export function parseEncounter(resource: Encounter): ParsedRecord<EncounterContent> | undefined {
  const status = toListed(resource.status, ENCOUNTER_STATUSES);
  if (status === null) return undefined;
  const { period, span, recorded } = parseHappened(undefined, resource.period);
  const [class_ = null] = parseConcept({ coding: [resource.class] }).coding;
  const content: EncounterContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Encounter', resource),
    status,
    class: class_,
    type: parseConcepts(resource.type),
    period,
    reasonCode: parseConcepts(resource.reasonCode),
    dischargeDisposition: parseOptional(resource.hospitalization?.dischargeDisposition),
  };
  return {
    content,
    span,
    codes: codingsOf(...content.type, ...content.reasonCode),
    categories: class_ === null ? [] : [class_.code],
  };
}
