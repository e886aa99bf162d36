import { sha256Hex } from '../core/canonical.js';
import { type InstitutionId, toInstitutionId } from '../core/ids.js';
import { makerEvents, pharmacyEvents, type SeedBatch } from './seed-events.js';
import { MAKER_PREFIX, SEED_PRODUCTS, type SeedProduct } from './seed-products.js';

export interface SupplySeed {
  /** The pilot's seed: the same seed and time give the same bytes. */
  readonly seed: number;
  /** Unix milliseconds; all events are before it, and nothing has expired. */
  readonly nowMs: number;
  /** Total number of packs, spread evenly over the lots. */
  readonly packs: number;
}

/** A generated lot, as the generated dispenses refer to it. */
export interface SeedLot {
  readonly gtin: string;
  readonly lot: string;
  readonly expiry: string; // YYYY-MM-DD
  readonly product: string;
  readonly rxnorm: string;
}

/** An EPCIS 2.0 document in JSON. */
export type EpcisDocument = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;
const PACKS_PER_CASE = 10;
const MAKER = toInstitutionId('helix-pharma');
const PHARMACY = toInstitutionId('corner-pharmacy');

/** The lots of the packs in `generateSupply`: one per product. The last is recalled. */
export function seedLots({ seed, nowMs }: Omit<SupplySeed, 'packs'>): readonly SeedLot[] {
  return SEED_PRODUCTS.map((product) => ({
    gtin: product.gtin,
    lot: `HX${drawText(seed, product.gtin, 'lot').slice(0, 6).toUpperCase()}`,
    expiry: isoDay(nowMs + (300 + drawNumber(seed, product.gtin, 'expiry', 600)) * DAY_MS),
    product: product.name,
    rxnorm: product.rxnorm,
  }));
}

/**
 * Generates what maker and pharmacy captured about the same packs: a document per lot for each.
 * Neither sees the other's events, so only the network can show a pack's complete path.
 */
export function generateSupply(
  options: SupplySeed,
): ReadonlyMap<InstitutionId, readonly EpcisDocument[]> {
  const lots = seedLots(options);
  const perLot = Math.ceil(options.packs / lots.length);
  const batches = lots.map((lot, i) => {
    const count = Math.max(0, Math.min(perLot, options.packs - i * perLot));
    return toBatch(options, lot, i, count);
  });
  const made = batches.filter(({ serials }) => serials.length > 0);
  const last = made.length - 1;
  return new Map([
    [MAKER, made.map((batch, i) => toDocument(options, makerEvents(batch, i === last), batch))],
    [PHARMACY, made.map((batch) => toDocument(options, pharmacyEvents(batch)))],
  ]);
}

/** The serials of a generated lot, for callers that need an existing pack. */
export function seedSerials(seed: number, gtin: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) =>
    String(drawNumber(seed, gtin, `serial/${i}`, 10 ** 8) + 10 ** 8 * (i + 1)),
  );
}

function toBatch({ seed, nowMs }: SupplySeed, lot: SeedLot, i: number, count: number): SeedBatch {
  const product = SEED_PRODUCTS[i] as SeedProduct;
  const cases = Math.ceil(count / PACKS_PER_CASE);
  return {
    product,
    lot: lot.lot,
    expiry: lot.expiry,
    serials: seedSerials(seed, lot.gtin, count),
    cases: Array.from({ length: cases }, (_, n) => {
      const reference = `1${String(i * 1_000 + n).padStart(9, '0')}`;
      return `urn:epc:id:sscc:${MAKER_PREFIX}.${reference}`;
    }),
    packsPerCase: PACKS_PER_CASE,
    madeMs: nowMs - (120 + drawNumber(seed, lot.gtin, 'made', 60)) * DAY_MS,
    eventId: (purpose) => toUuidUrn(drawText(seed, lot.gtin, `event/${purpose}`)),
  };
}

function toDocument(
  { nowMs }: SupplySeed,
  events: readonly object[],
  described?: SeedBatch,
): EpcisDocument {
  return {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: new Date(nowMs).toISOString(),
    ...(described === undefined ? {} : { epcisHeader: toHeader(described) }),
    epcisBody: { eventList: events },
  };
}

function toHeader({ product }: SeedBatch): object {
  const attribute = (name: string, value: string) => ({ id: `cbvmda:${name}`, attribute: value });
  const element = {
    id: `urn:epc:idpat:sgtin:${MAKER_PREFIX}.${product.itemReference}.*`,
    attributes: [
      attribute('regulatedProductName', product.name),
      attribute('manufacturerOfTradeItemPartyName', 'Helix Pharma'),
      attribute('dosageFormType', product.dosageForm),
      attribute('strengthDescription', product.strength),
    ],
  };
  return {
    epcisMasterData: {
      vocabularyList: [
        { type: 'urn:epcglobal:epcis:vtype:EPCClass', vocabularyElementList: [element] },
      ],
    },
  };
}

/** Random text that depends only on the seed and its purpose, not on earlier draws. */
function drawText(seed: number, gtin: string, purpose: string): string {
  return sha256Hex(`supply/${seed}/${gtin}/${purpose}`);
}

function drawNumber(seed: number, gtin: string, purpose: string, below: number): number {
  return Number.parseInt(drawText(seed, gtin, purpose).slice(0, 12), 16) % below;
}

/** A version 8 UUID (RFC 9562: custom format) from the first hex digits given. */
function toUuidUrn(hex: string): string {
  const [a, b, c, d, e] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 15),
    hex.slice(15, 18),
  ].concat(hex.slice(18, 30));
  return `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`;
}

function isoDay(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}
