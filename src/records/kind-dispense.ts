import { z } from 'zod';
import { type Dosage, dosage } from './dosage.js';
import type { CodeableConcept, Dated, Quantity } from './model.js';
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
} from './wire-element.js';

export const DISPENSE_STATUSES = [
  'PREPARATION',
  'IN_PROGRESS',
  'CANCELLED',
  'ON_HOLD',
  'COMPLETED',
  'STOPPED',
  'DECLINED',
  'UNKNOWN',
] as const;

/** Where a dispense meets supply. The lot crosses domains, never the pack. */
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

export const DISPENSE_WIRE: WireOf<DispenseContent> = {
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
