import type { CodeableConcept, Dated, Quantity } from './model.js';
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
} from './wire-element.js';

export const IMMUNIZATION_STATUSES = ['COMPLETED', 'NOT_DONE'] as const;

/** What an Immunization says. Its lot number stays: it has no GTIN that would lead to supply. */
export interface ImmunizationContent extends Dated {
  readonly status: (typeof IMMUNIZATION_STATUSES)[number];
  readonly statusReason: CodeableConcept | null;
  readonly vaccineCode: CodeableConcept;
  /** A civil date; null if the source has it in words. */
  readonly occurrence: string | null;
  /** Whether it must not be counted as a full dose. */
  readonly isSubpotent: boolean;
  /** Whether whoever gave it wrote it down. */
  readonly primarySource: boolean | null;
  readonly site: CodeableConcept | null;
  readonly route: CodeableConcept | null;
  readonly doseQuantity: Quantity | null;
  readonly reasonCode: readonly CodeableConcept[];
}

export const IMMUNIZATION_WIRE: WireOf<ImmunizationContent> = {
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
