import type { Immunization } from '@medplum/fhirtypes';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf, spanOf } from '../fhir/date.js';
import { partialOf } from '../fhir/partial.js';
import { parseQuantity } from '../fhir/quantity.js';
import {
  DATE_NULL,
  EMPTY_UNCODED,
  NO_CODING,
  NOT_DONE,
  NULL_UNCODED,
  NULL_UNSAID,
} from '../model/elements.js';
import type { CodeableConcept, Dated, Quantity, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  flag,
  list,
  listed,
  maybe,
  partial,
  quantity,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './record.js';
import { IMMUNIZATION_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const IMMUNIZATION_STATUSES = ['COMPLETED', 'NOT_DONE'] as const;

/**
 * What an Immunization says. Its lot number is left out: without a GTIN it does not lead to supply.
 */
export interface ImmunizationContent extends Dated {
  readonly status: (typeof IMMUNIZATION_STATUSES)[number];
  readonly statusReason: CodeableConcept | null;
  readonly vaccineCode: CodeableConcept;
  /** A civil date; null if the source has only words. */
  readonly occurrence: string | null;
  /** Whether it must not be counted as a full dose. */
  readonly isSubpotent: boolean;
  /** Whether the record is from the person who gave it. */
  readonly primarySource: boolean | null;
  readonly site: CodeableConcept | null;
  readonly route: CodeableConcept | null;
  readonly doseQuantity: Quantity | null;
  readonly reasonCode: readonly CodeableConcept[];
}

const IMMUNIZATION_WIRE: WireOf<ImmunizationContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(IMMUNIZATION_STATUSES),
  statusReason: maybe(concept),
  vaccineCode: concept,
  occurrence: maybe(civilDate),
  isSubpotent: flag,
  primarySource: maybe(flag),
  site: maybe(concept),
  route: maybe(concept),
  doseQuantity: maybe(quantity),
  reasonCode: list(concept),
};

/** Reads an Immunization; undefined if it was entered in error. */
function parseImmunization(resource: Immunization): ParsedRecord<ImmunizationContent> | undefined {
  const status = toListed(resource.status, IMMUNIZATION_STATUSES);
  if (status === null) return undefined;
  const { occurrenceDateTime: occurrence, primarySource } = resource;
  const recorded = occurrence ?? resource.recorded;
  const content: ImmunizationContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Immunization', resource),
    status,
    statusReason: parseOptional(resource.statusReason),
    vaccineCode: parseConcept(resource.vaccineCode),
    occurrence: civilDateOf(occurrence),
    isSubpotent: resource.isSubpotent ?? false,
    primarySource: primarySource ?? null,
    site: parseOptional(resource.site),
    route: parseOptional(resource.route),
    doseQuantity: parseQuantity(resource.doseQuantity),
    reasonCode: parseConcepts(resource.reasonCode),
  };
  return {
    content,
    span: spanOf(recorded),
    codes: codingsOf(content.vaccineCode),
    categories: [],
  };
}

/** Adds Immunization: a vaccine given or not given, as FHIR R4 Immunization. */
function addImmunizationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, QuantityRef } = types;
  const StatusEnum = builder.enumType('ImmunizationStatus', {
    description: 'Whether a vaccine was given.',
    values: describedValues(IMMUNIZATION_STATUS),
  });
  return builder.objectRef<Released & ImmunizationContent>('Immunization').implement({
    description: 'A vaccine given or not given, as FHIR R4 Immunization.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: NOT_DONE,
      }),
      statusReason: t.expose('statusReason', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Why it was not given. ${NULL_UNCODED}`,
      }),
      vaccineCode: t.expose('vaccineCode', {
        type: CodeableConceptRef,
        description: `The vaccine. ${NO_CODING}`,
      }),
      occurrence: t.expose('occurrence', {
        type: 'Date',
        nullable: true,
        description: `When it was given, or should have been given. ${DATE_NULL}`,
      }),
      isSubpotent: t.exposeBoolean('isSubpotent', {
        description:
          'Whether it is known to be less than a full dose, which gives less protection.',
      }),
      primarySource: t.exposeBoolean('primarySource', {
        nullable: true,
        description: `Whether the record is from the person who gave it. ${NULL_UNSAID}`,
      }),
      site: t.expose('site', {
        type: CodeableConceptRef,
        nullable: true,
        description: `Where on the body. ${NULL_UNCODED}`,
      }),
      route: t.expose('route', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How it entered the body. ${NULL_UNCODED}`,
      }),
      doseQuantity: t.expose('doseQuantity', {
        type: QuantityRef,
        nullable: true,
        description: `How much was given. ${NULL_UNSAID}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was given. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}

/** FHIR R4 Immunization: how it is parsed, released, sent between nodes and shown in GraphQL. */
export const IMMUNIZATION: Kind<Immunization, ImmunizationContent> = {
  dataClass: 'IMMUNIZATION',
  name: 'Immunization',
  field: 'immunizations',
  words: 'Vaccines given or not given',
  filter: { codes: 'vaccineCode', categories: null, value: false, range: 'occurrence' },
  wire: IMMUNIZATION_WIRE,
  parse: parseImmunization,
  addType: addImmunizationType,
};
