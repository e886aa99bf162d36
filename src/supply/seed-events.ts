import { MAKER_PREFIX, PHARMACY_PREFIX, type SeedProduct } from './seed-products.js';

/** One lot, with everything that its events are generated from. */
export interface SeedBatch {
  readonly product: SeedProduct;
  readonly lot: string;
  readonly expiry: string; // YYYY-MM-DD
  readonly serials: readonly string[];
  readonly cases: readonly string[]; // SSCC URNs
  readonly packsPerCase: number;
  readonly madeMs: number; // Unix milliseconds
  /** An eventID for an event of this lot. */
  readonly eventId: (purpose: string) => string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const PLANT = `urn:epc:id:sgln:${MAKER_PREFIX}.00001.0`;
const SHOP = `urn:epc:id:sgln:${PHARMACY_PREFIX}.00001.0`;

/** One in this many packs of a lot is dispensed by now; below, over how many days. */
const DISPENSED_EVERY = 5;
const DISPENSING_DAYS = 90;

/** Commissioning of the lot, packing into cases, shipping; and the recall, if `isRecalled`. */
export function makerEvents(batch: SeedBatch, isRecalled: boolean): readonly object[] {
  const { madeMs } = batch;
  const at = { readPoint: { id: PLANT }, bizLocation: { id: PLANT } };
  const commissioning = {
    ...begin(batch, 'commissioning', 'ObjectEvent', madeMs),
    epcList: batch.serials.map((serial) => packUrn(batch, serial)),
    ...why('ADD', 'commissioning', 'active'),
    ...at,
    ilmd: { 'cbvmda:lotNumber': batch.lot, 'cbvmda:itemExpirationDate': batch.expiry },
  };
  const packing = batch.cases.map((parentID, n) => ({
    ...begin(batch, `packing/${n}`, 'AggregationEvent', madeMs + HOUR_MS + n * 60_000),
    parentID,
    childEPCs: packsOfCase(batch, n),
    ...why('ADD', 'packing', 'in_progress'),
    ...at,
  }));
  const shipping = {
    ...begin(batch, 'shipping', 'ObjectEvent', madeMs + 2 * DAY_MS),
    epcList: batch.cases,
    ...why('OBSERVE', 'shipping', 'in_transit'),
    readPoint: { id: PLANT },
    ...handover(batch),
  };
  return [commissioning, ...packing, shipping, ...(isRecalled ? [recall(batch)] : [])];
}

/** Receiving the cases, unpacking, stocking by lot, and the first packs dispensed. */
export function pharmacyEvents(batch: SeedBatch): readonly object[] {
  const receivedMs = batch.madeMs + 5 * DAY_MS;
  const at = { readPoint: { id: SHOP }, bizLocation: { id: SHOP } };
  const receiving = {
    ...begin(batch, 'receiving', 'ObjectEvent', receivedMs),
    epcList: batch.cases,
    ...why('OBSERVE', 'receiving', 'in_progress'),
    ...at,
    ...handover(batch),
  };
  const unpacking = batch.cases.map((parentID, n) => ({
    ...begin(batch, `unpacking/${n}`, 'AggregationEvent', receivedMs + HOUR_MS + n * 60_000),
    parentID,
    childEPCs: packsOfCase(batch, n),
    ...why('DELETE', 'unpacking', 'in_progress'),
    ...at,
  }));
  const stocking = {
    ...begin(batch, 'stocking', 'ObjectEvent', receivedMs + 2 * HOUR_MS),
    quantityList: [{ epcClass: lotUrn(batch), quantity: batch.serials.length }],
    ...why('OBSERVE', 'stocking', 'sellable_accessible'),
    ...at,
  };
  const dispensing = batch.serials
    .filter((_, i) => i % DISPENSED_EVERY === DISPENSED_EVERY - 1)
    .map((serial, n, all) => ({
      ...begin(
        batch,
        `dispensing/${n}`,
        'ObjectEvent',
        receivedMs + Math.ceil((DISPENSING_DAYS * (n + 1)) / all.length) * DAY_MS,
      ),
      epcList: [packUrn(batch, serial)],
      ...why('OBSERVE', 'dispensing', 'dispensed'),
      ...at,
    }));
  return [receiving, ...unpacking, stocking, ...dispensing];
}

function recall(batch: SeedBatch): object {
  return {
    ...begin(batch, 'recall', 'ObjectEvent', batch.madeMs + 90 * DAY_MS),
    quantityList: [{ epcClass: lotUrn(batch) }],
    ...why('OBSERVE', 'holding', 'recalled'),
    readPoint: { id: PLANT },
  };
}

function begin(batch: SeedBatch, purpose: string, type: string, timeMs: number): object {
  return {
    type,
    eventID: batch.eventId(purpose),
    eventTime: new Date(timeMs).toISOString(),
    eventTimeZoneOffset: '+00:00',
  };
}

function why(action: string, bizStep: string, disposition: string): object {
  return { action, bizStep, disposition };
}

/** The shipment's documents and parties, the same in the maker's and the pharmacy's events. */
function handover(batch: SeedBatch): object {
  const shipment = `urn:epcglobal:cbv:bt:${MAKER_PREFIX}000018:${batch.lot}`;
  return {
    bizTransactionList: [{ type: 'desadv', bizTransaction: shipment }],
    sourceList: [{ type: 'owning_party', source: `urn:epc:id:pgln:${MAKER_PREFIX}.00000` }],
    destinationList: [
      { type: 'owning_party', destination: `urn:epc:id:pgln:${PHARMACY_PREFIX}.00000` },
    ],
  };
}

function packsOfCase(batch: SeedBatch, n: number): readonly string[] {
  const from = n * batch.packsPerCase;
  return batch.serials
    .slice(from, from + batch.packsPerCase)
    .map((serial) => packUrn(batch, serial));
}

function packUrn({ product }: SeedBatch, serial: string): string {
  return `urn:epc:id:sgtin:${MAKER_PREFIX}.${product.itemReference}.${serial}`;
}

function lotUrn({ product, lot }: SeedBatch): string {
  return `urn:epc:class:lgtin:${MAKER_PREFIX}.${product.itemReference}.${lot}`;
}
