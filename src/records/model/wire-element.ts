import { z } from 'zod';
import { isCivilDate } from '../../core/calendar.js';
import type { InstitutionId } from '../../core/ids.js';
import { listOf } from '../../core/list-of.js';
import { type Period, secondsFromIso, toPeriod } from '../../core/time.js';
import {
  COMPARATORS,
  type CodeableConcept,
  type Coding,
  type Quantity,
  type Range,
  type Ratio,
  type RecordContent,
  type Released,
} from './model.js';

/*
 * What the network asks a node, and the strict form of its answer: another institution's node may
 * be faulty or dishonest, and its rows are merged with those of others.
 */

/**
 * How one element of a row is selected (the text after its name), and the form that its value must
 * have.
 */
export interface Element<Value> {
  readonly selection: string;
  readonly form: z.ZodType<Value>;
}

/**
 * A wire form for every element of a content: an element without one would be lost or unchecked.
 */
export type WireOf<Content> = { readonly [Name in keyof Content]-?: Element<Content[Name]> };

/** Far more than in any honest record, because a longer list invalidates the node's page. */
const MAX_LISTED = 1_000;

/** Codes, displays and units; no terminology has longer ones. */
const shortText = z.string().max(200);

export const coding: Element<Coding> = elementOf({
  system: leaf(z.string().regex(/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]{1,200}$/)),
  code: leaf(shortText),
  display: maybe(leaf(shortText)),
});
export const concept: Element<CodeableConcept> = elementOf({ coding: list(coding) });
export const decimal = leaf(z.string().regex(/^-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?$/));
export const quantity: Element<Quantity> = elementOf({
  value: decimal,
  comparator: maybe(listed(COMPARATORS)),
  unit: maybe(leaf(shortText)),
  code: maybe(leaf(shortText)),
});
export const ratio: Element<Ratio> = elementOf({ numerator: quantity, denominator: quantity });
export const range: Element<Range> = elementOf({ low: maybe(quantity), high: maybe(quantity) });
export const period: Element<Period> = {
  selection: '{ from until }',
  form: z
    .strictObject({ from: z.string(), until: z.string() })
    .transform(({ from, until }) => toPeriod(secondsFromIso(from), secondsFromIso(until))),
};
export const text = leaf(shortText);
export const flag = leaf(z.boolean());
export const count = leaf(z.int().min(0));
export const civilDate = leaf(z.string().refine(isCivilDate));

/** Paths of elements by R4's names, so that they cannot contain personal text. */
export const partial = list(leaf(z.string().regex(/^[A-Za-z]{1,40}(\.[A-Za-z]{1,40}){0,5}$/)));

export function leaf<Value>(form: z.ZodType<Value>): Element<Value> {
  return { selection: '', form };
}

export function listed<Value extends string>(values: readonly Value[]): Element<Value> {
  return leaf(z.enum(values as readonly [Value, ...Value[]]) as unknown as z.ZodType<Value>);
}

export function maybe<Value>({ selection, form }: Element<Value>): Element<Value | null> {
  return { selection, form: form.nullable() };
}

export function list<Value>(of: Element<Value>): Element<readonly Value[]> {
  return { selection: of.selection, form: listOf(of.form, MAX_LISTED) };
}

/** An object with exactly these elements. */
export function elementOf<Content extends object>(wire: WireOf<Content>): Element<Content> {
  return { selection: `{ ${selectionOf(wire)} }`, form: objectOf<Content>(wire, {}) };
}

/** The selection of a row, without its braces. */
export function rowSelection<Content extends RecordContent>(wire: WireOf<Content>): string {
  return `id custodian { id } ${selectionOf(wire)}`;
}

/** The form of a row from that institution's node, which cannot name another custodian. */
export function rowForm<Content extends RecordContent>(
  wire: WireOf<Content>,
  institution: InstitutionId,
): z.ZodType<Released & Content> {
  return objectOf<Released & Content>(wire, {
    id: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
    custodian: custodianOf(institution),
  });
}

export function custodianOf(institution: InstitutionId) {
  return z.strictObject({ id: z.literal(institution) }).transform((): InstitutionId => institution);
}

function selectionOf(wire: Readonly<Record<string, Element<unknown>>>): string {
  return Object.entries(wire)
    .map(([name, { selection }]) => `${name} ${selection}`.trim())
    .join(' ');
}

/** Typed by the mapped type, because zod cannot infer it from a generic shape. */
function objectOf<Content>(
  wire: Readonly<Record<string, Element<unknown>>>,
  more: z.ZodRawShape,
): z.ZodType<Content> {
  const forms = Object.entries(wire).map(([name, { form }]) => [name, form] as const);
  return z.strictObject({ ...more, ...Object.fromEntries(forms) }) as unknown as z.ZodType<Content>;
}
