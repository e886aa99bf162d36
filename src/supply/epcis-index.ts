import { DomainError } from '../core/errors.js';
import type { WireEvent } from './epcis-event.js';
import { parseEpc, partyKey, toSerial } from './gs1.js';
import type { CapturedEvent, EventType, Pack } from './model.js';
import type { EpcPart } from './table.js';

type Touched = CapturedEvent['touched'];

/**
 * Everything that an event touches, without duplicates per part. @throws DomainError ID_MALFORMED.
 */
export function touchedBy(wire: WireEvent): Touched {
  const classes = [
    ...(wire.quantityList ?? []),
    ...(wire.childQuantityList ?? []),
    ...(wire.inputQuantityList ?? []),
    ...(wire.outputQuantityList ?? []),
  ].map(({ epcClass }) => epcClass);
  return unique([
    ...as('ITEM', wire.epcList),
    ...as('PARENT', wire.parentID === undefined ? [] : [wire.parentID]),
    ...as('CHILD', wire.childEPCs),
    ...as('INPUT', wire.inputEPCList),
    ...as('OUTPUT', wire.outputEPCList),
    ...as('CLASS', classes),
  ]);
}

/** The organisations that an event names as sources and destinations, without duplicates. */
export function partiesOf(wire: WireEvent): readonly string[] {
  const sources = (wire.sourceList ?? []).map(({ source }) => source);
  const destinations = (wire.destinationList ?? []).map(({ destination }) => destination);
  const keys = [...sources, ...destinations].map(partyKey);
  return [...new Set(keys.filter((key) => key !== undefined))];
}

function as(part: EpcPart, epcs: readonly string[] | undefined): Touched {
  return (epcs ?? []).map((epc) => ({ epc: parseEpc(epc).uri, part }));
}

function unique(touched: Touched): Touched {
  return [...new Map(touched.map((one) => [`${one.part} ${one.epc}`, one])).values()];
}

/**
 * The packs that an event commissions: an ADD of serialised items whose master data has lot and
 * expiry, which US and EU law require on the pack.
 */
export function packsOf(type: EventType, wire: WireEvent): readonly Pack[] {
  const lot = textOf(wire.ilmd?.['cbvmda:lotNumber']);
  const expiry = textOf(wire.ilmd?.['cbvmda:itemExpirationDate']);
  if (type !== 'ObjectEvent' || wire.action !== 'ADD' || lot === undefined) return [];
  if (expiry === undefined) return [];
  if (!isDay(expiry)) throw new DomainError('EPCIS_INVALID', { element: 'itemExpirationDate' });
  return (wire.epcList ?? []).flatMap((epc) => {
    const key = parseEpc(epc);
    if (key.kind !== 'PACK') return [];
    return [{ gtin: key.gtin, serial: key.serial, lot: toSerial(lot, 'lot'), expiry }];
  });
}

/** The lots that an event names: those of its packs, and those of its quantities. */
export function lotsOf(wire: WireEvent, packs: readonly Pack[]): CapturedEvent['lots'] {
  const commissioned = packs.map(({ gtin, lot, expiry }) => ({ gtin, lot, expiry }));
  const named = touchedBy(wire).flatMap(({ epc, part }) => {
    const key = parseEpc(epc);
    const isLot = part === 'CLASS' && key.kind === 'LOT';
    return isLot ? [{ gtin: key.gtin, lot: key.lot, expiry: null }] : [];
  });
  return [
    ...new Map([...named, ...commissioned].map((one) => [`${one.gtin} ${one.lot}`, one])).values(),
  ];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Whether a text is a calendar day as YYYY-MM-DD. Date would accept 2026-02-30 as a day in March.
 */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
