import { DomainError } from '../../core/errors.js';
import type { WireEvent } from '../epcis-event.js';
import { isDay } from '../epcis-index.js';
import { parseEpc, toSerial } from '../gs1.js';
import type { Steps } from './document.js';

/** Where in an event a rule is broken, and which rule. */
export interface Defect {
  readonly at: Steps;
  readonly rule: string;
}

type Identifier = readonly [at: Steps, text: string];

const EPC_LISTS = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList'] as const;
const QUANTITY_LISTS = [
  'quantityList',
  'childQuantityList',
  'inputQuantityList',
  'outputQuantityList',
] as const;

/**
 * The first identifier of an event that breaks GS1's rules for its kind, by element; undefined if
 * all are valid. The event's schema only checks that they are URIs.
 */
export function malformedIdentifierIn(wire: WireEvent): Defect | undefined {
  for (const [at, text] of identifiersOf(wire)) {
    const rule = ruleBroken(() => parseEpc(text));
    if (rule !== undefined) return { at, rule };
  }
  return malformedLotIn(wire);
}

function identifiersOf(wire: WireEvent): readonly Identifier[] {
  const { parentID, readPoint, bizLocation } = wire;
  return [
    ...EPC_LISTS.flatMap((name) =>
      (wire[name] ?? []).map((text, i): Identifier => [[name, i], text]),
    ),
    ...QUANTITY_LISTS.flatMap((name) =>
      (wire[name] ?? []).map(({ epcClass }, i): Identifier => [[name, i, 'epcClass'], epcClass]),
    ),
    ...(parentID === undefined ? [] : [[['parentID'], parentID] as const]),
    ...(readPoint === undefined ? [] : [[['readPoint', 'id'], readPoint.id] as const]),
    ...(bizLocation === undefined ? [] : [[['bizLocation', 'id'], bizLocation.id] as const]),
  ];
}

/**
 * For a commissioning: the defect in lot or expiry, which are printed on the pack next to its
 * number.
 */
function malformedLotIn({ action, ilmd }: WireEvent): Defect | undefined {
  const lot = ilmd?.['cbvmda:lotNumber'];
  const expiry = ilmd?.['cbvmda:itemExpirationDate'];
  if (action !== 'ADD' || typeof lot !== 'string' || typeof expiry !== 'string') return undefined;
  if (lot === '' || expiry === '') return undefined;
  if (!isDay(expiry)) {
    return { at: ['ilmd', 'cbvmda:itemExpirationDate'], rule: 'is no day as YYYY-MM-DD' };
  }
  const rule = ruleBroken(() => toSerial(lot, 'lot'));
  return rule === undefined ? undefined : { at: ['ilmd', 'cbvmda:lotNumber'], rule };
}

/** The rule that a malformed identifier breaks, in words, without the identifier itself. */
export function ruleBroken(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (failure) {
    if (!(failure instanceof DomainError) || failure.code !== 'ID_MALFORMED') throw failure;
    return RULES[String(failure.facts.kind)] ?? `is no ${String(failure.facts.kind)}`;
  }
}

const RULES: Readonly<Record<string, string>> = {
  uri: 'is no URI',
  gtin: 'is no GTIN: 8, 12, 13 or 14 digits, the last a check digit',
  serial: 'has a serial number that is not 1 to 20 of the characters that GS1 allows',
  lot: 'has a lot number that is not 1 to 20 of the characters that GS1 allows',
  idpat: 'is a pattern of serial numbers: only * is allowed',
  escape: 'has a % without two hexadecimal digits after it',
  sgtin: 'is no SGTIN: its company prefix has 6 to 12 digits, and 13 with the item reference',
  lgtin: 'is no LGTIN: its company prefix has 6 to 12 digits, and 13 with the item reference',
  sscc: 'is no SSCC: its company prefix has 6 to 12 digits, and 17 with the serial reference',
  sgln: 'is no SGLN: its company prefix has 6 to 12 digits, and 12 with the location reference',
  pgln: 'is no PGLN: its company prefix has 6 to 12 digits, and 12 with the party reference',
  'sscc-digits': 'is no SSCC: 18 digits, the last a check digit',
  'gln-digits': 'is no GLN: 13 digits, the last a check digit',
};
