import type {
  CodeableConcept as FhirCodeableConcept,
  MedicationDispense,
} from '@medplum/fhirtypes';
import { z } from 'zod';
import type { Builder } from '../../graph/builder.js';
import { idOfLot } from '../../graph/node/id.js';
import { NODE_ID } from '../../graph/node/interface.js';
import { describedValues, GTIN, LOT, LOT_NUMBER } from '../../graph/words.js';
import { GTIN_SYSTEM } from '../codes/system-names.js';
import { codeIn, toListed } from '../deidentify/concept.js';
import { civilDateOf, spanOf } from '../fhir/date.js';
import { containedMedication, parseMedication } from '../fhir/medication.js';
import { partialOf } from '../fhir/partial.js';
import { hull } from '../fhir/period.js';
import { parseQuantity } from '../fhir/quantity.js';
import { type Dosage, dosage } from '../model/dosage.js';
import { EMPTY_UNCODED, NO_CODING, NULL_UNCODED, NULL_UNSAID } from '../model/elements.js';
import type { CodeableConcept, Dated, Quantity, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  elementOf,
  leaf,
  list,
  listed,
  maybe,
  partial,
  quantity,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { parseDosage, periodsOf } from './read-dosage.js';
import { codesOf, codingsOf, type ParsedRecord, parseOptional } from './record.js';
import { DISPENSE_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const DISPENSE_STATUSES = [
  'PREPARATION',
  'IN_PROGRESS',
  'CANCELLED',
  'ON_HOLD',
  'COMPLETED',
  'STOPPED',
  'DECLINED',
  'UNKNOWN',
] as const;

/** Links a dispense to the supply domain. The lot crosses domains, never the pack. */
export interface LotKey {
  /** 14 digits. */
  readonly gtin: string;
  readonly lot: string;
}

/** What a MedicationDispense says. `recorded` is the date it was handed over. */
export interface DispenseContent extends Dated {
  readonly status: (typeof DISPENSE_STATUSES)[number];
  readonly category: CodeableConcept | null;
  readonly medication: CodeableConcept;
  readonly quantity: Quantity | null;
  readonly daysSupply: Quantity | null;
  readonly dosageInstruction: readonly Dosage[];
  readonly lot: LotKey | null;
}

const DISPENSE_WIRE: WireOf<DispenseContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(DISPENSE_STATUSES),
  category: maybe(concept),
  medication: concept,
  quantity: maybe(quantity),
  daysSupply: maybe(quantity),
  dosageInstruction: list(dosage),
  lot: maybe(
    elementOf<LotKey>({
      gtin: leaf(z.string().regex(/^\d{14}$/)),
      lot: leaf(z.string().min(1).max(20)),
    }),
  ),
};

const GTIN_DIGITS = /^\d{8}$|^\d{12,14}$/;
/** GS1 AI 10: up to 20 characters of its set 82. @source GS1 General Specifications, 3.4.4 */
const LOT_FORM = /^[!-"%-?A-Z_a-z]{1,20}$/;

/** Reads a MedicationDispense; undefined if it was entered in error. */
function parseDispense(resource: MedicationDispense): ParsedRecord<DispenseContent> | undefined {
  const status = toListed(resource.status, DISPENSE_STATUSES);
  if (status === null) return undefined;
  // FHIR R4 keeps a dispense's lot in Medication.batch, so the Medication comes inside it.
  const contained = containedMedication(resource);
  const concept = resource.medicationCodeableConcept ?? contained?.code;
  const dosageInstruction = (resource.dosageInstruction ?? []).map(parseDosage);
  const recorded = resource.whenHandedOver ?? resource.whenPrepared;
  const content: DispenseContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('MedicationDispense', resource),
    status,
    category: parseOptional(resource.category),
    medication: parseMedication(resource),
    quantity: parseQuantity(resource.quantity),
    daysSupply: parseQuantity(resource.daysSupply),
    dosageInstruction,
    lot: lotOf(concept, contained?.batch?.lotNumber),
  };
  return {
    content,
    span: hull(
      spanOf(resource.whenHandedOver, resource.whenPrepared),
      ...periodsOf(dosageInstruction),
    ),
    codes: codingsOf(content.medication),
    categories: content.category === null ? [] : codesOf(content.category),
  };
}

function lotOf(concept: FhirCodeableConcept | undefined, lot: string | undefined): LotKey | null {
  const gtin = codeIn(concept, GTIN_SYSTEM);
  if (gtin === undefined || !GTIN_DIGITS.test(gtin)) return null;
  if (lot === undefined || !LOT_FORM.test(lot)) return null;
  return { gtin: gtin.padStart(14, '0'), lot };
}

/** Adds Dispense, and Lot as a reference into the supply subgraph. */
function addDispenseType<Opened>({
  builder,
  RecordRef,
  CodeableConceptRef,
  DosageRef,
  QuantityRef,
}: RecordTypes<Opened>) {
  const StatusEnum = builder.enumType('DispenseStatus', {
    description: 'The status of a dispense, as FHIR MedicationDispense Status Codes.',
    values: describedValues(DISPENSE_STATUS),
  });
  const LotRef = addLotReference(builder);
  return builder.objectRef<Released & DispenseContent>('Dispense').implement({
    description: 'A medicine handed over, as FHIR R4 MedicationDispense; `recorded` says when.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'The status of the dispense.' }),
      category: t.expose('category', {
        type: CodeableConceptRef,
        nullable: true,
        description: `For example inpatient or community. ${NULL_UNCODED}`,
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: `The medicine. ${NO_CODING}`,
      }),
      quantity: t.expose('quantity', {
        type: QuantityRef,
        nullable: true,
        description: `How much was handed over. ${NULL_UNSAID}`,
      }),
      daysSupply: t.expose('daysSupply', {
        type: QuantityRef,
        nullable: true,
        description: `How long it lasts, usually in days. ${NULL_UNSAID}`,
      }),
      dosageInstruction: t.expose('dosageInstruction', {
        type: [DosageRef],
        description: `How to take it, step by step. ${EMPTY_UNCODED}`,
      }),
      lot: t.expose('lot', {
        type: LotRef,
        nullable: true,
        description:
          'The lot of the medicine; never the pack, whose serial number identifies a person. ' +
          'Null if unknown.',
      }),
    }),
  });
}

/** Lot as this subgraph knows it: only by its key. */
function addLotReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<LotKey>('Lot');
  builder.objectType(ref, {
    description: LOT,
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: idOfLot }),
      gtin: t.exposeID('gtin', { description: GTIN }),
      lot: t.exposeID('lot', { description: LOT_NUMBER }),
    }),
  });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ gtin: string; lot: string }>('gtin lot'), false),
    resolveReference: ({ gtin, lot }) => ({ gtin, lot }),
  });
  return ref;
}

/**
 * FHIR R4 MedicationDispense: how it is parsed, released, sent between nodes and shown in GraphQL.
 */
export const MEDICATION_DISPENSE: Kind<MedicationDispense, DispenseContent> = {
  dataClass: 'MEDICATION',
  name: 'Dispense',
  field: 'dispenses',
  words: 'Medicines handed over',
  filter: { codes: 'medication', categories: 'category', value: false, range: 'recorded' },
  wire: DISPENSE_WIRE,
  parse: parseDispense,
  addType: addDispenseType,
};
