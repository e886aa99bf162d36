import { DomainError } from '../core/errors.js';

/**
 * A GS1 identifier, however it was written: `urn:epc:id:sgtin:0614141.107346.2018` and
 * `https://id.gs1.org/01/10614141073464/21/2018` are the same and have the same `uri`.
 *
 * OTHER is any URI that is not parsed here; it is its own key.
 *
 * @source GS1 EPC Tag Data Standard 2.1, section 6; GS1 Digital Link 1.3, URI syntax
 */
export type Gs1Key =
  | { readonly kind: 'PACK'; readonly uri: string; readonly gtin: string; readonly serial: string }
  | { readonly kind: 'LOT'; readonly uri: string; readonly gtin: string; readonly lot: string }
  | { readonly kind: 'GTIN'; readonly uri: string; readonly gtin: string }
  | { readonly kind: 'SSCC' | 'LOCATION' | 'PARTY' | 'OTHER'; readonly uri: string };

const DIGITAL_LINK = 'https://id.gs1.org';
const ANY_URI = /^[A-Za-z][A-Za-z0-9+.-]*:\S{1,2000}$/;

/** GS1 AI encodable character set 82: what a serial or lot number is made of. */
const SERIAL = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/;

/** @throws DomainError ID_MALFORMED if it is not a URI, or breaks the rules of its scheme. */
export function parseEpc(text: string): Gs1Key {
  if (!ANY_URI.test(text)) throw malformed('uri');
  const urn = /^urn:epc:(id|class|idpat):([a-z]+):(.+)$/.exec(text);
  if (urn !== null) return parseUrn(text, `${urn[1]}:${urn[2]}`, (urn[3] ?? '').split('.'));
  return /^https?:/.test(text) ? parseDigitalLink(text) : { kind: 'OTHER', uri: text };
}

/** A GTIN of 8, 12, 13 or 14 digits as 14. @throws DomainError ID_MALFORMED. */
export function toGtin(text: string): string {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) throw malformed('gtin');
  return requireCheckDigit(text.padStart(14, '0'), 'gtin');
}

/** A serial or lot number. @throws DomainError ID_MALFORMED. */
export function toSerial(text: string, kind: 'serial' | 'lot'): string {
  if (!SERIAL.test(text)) throw malformed(kind);
  return text;
}

export function packKey(gtin: string, serial: string): Gs1Key & { kind: 'PACK' } {
  const uri = `${DIGITAL_LINK}/01/${gtin}/21/${encodeURIComponent(serial)}`;
  return { kind: 'PACK', uri, gtin, serial };
}

/**
 * The key of an organisation named by its GLN: 13 digits, a PGLN URN or a Digital Link.
 *
 * @returns undefined for any other name, which no event uses for a party.
 */
export function partyKey(text: string): string | undefined {
  try {
    const key = parseEpc(/^\d{13}$/.test(text) ? `${DIGITAL_LINK}/417/${text}` : text);
    return key.kind === 'PARTY' ? key.uri : undefined;
  } catch {
    return undefined;
  }
}

/** GS1's modulo 10 check digit over the preceding digits: weights 3 and 1, from the right. */
export function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((s, d, i) => s + Number(d) * (i % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}

export function lotKey(gtin: string, lot: string): Gs1Key & { kind: 'LOT' } {
  return {
    kind: 'LOT',
    uri: `${DIGITAL_LINK}/01/${gtin}/10/${encodeURIComponent(lot)}`,
    gtin,
    lot,
  };
}

function gtinKey(gtin: string): Gs1Key {
  return { kind: 'GTIN', uri: `${DIGITAL_LINK}/01/${gtin}`, gtin };
}

function locationKey(gln: string, extension: string | undefined): Gs1Key {
  // Extension 0 means the location itself, in a URN; a Digital Link leaves it out.
  const whole = extension === undefined || extension === '0';
  const tail = whole ? '' : `/254/${encodeURIComponent(extension)}`;
  return { kind: 'LOCATION', uri: `${DIGITAL_LINK}/414/${gln}${tail}` };
}

function parseUrn(urn: string, scheme: string, parts: readonly string[]): Gs1Key {
  const [prefix = '', reference = '', ...rest] = parts;
  const tail = rest.join('.');
  switch (scheme) {
    case 'id:sgtin':
      return packKey(gtinOf(prefix, reference, 'sgtin'), toSerial(unescapeUrn(tail), 'serial'));
    case 'class:lgtin':
      return lotKey(gtinOf(prefix, reference, 'lgtin'), toSerial(unescapeUrn(tail), 'lot'));
    case 'idpat:sgtin':
      if (tail !== '*') throw malformed('idpat');
      return gtinKey(gtinOf(prefix, reference, 'sgtin'));
    case 'id:sscc':
      return { kind: 'SSCC', uri: `${DIGITAL_LINK}/00/${ssccOf(prefix, reference)}` };
    case 'id:sgln':
      return locationKey(keyOf('sgln', prefix, reference, 12), unescapeUrn(tail));
    case 'id:pgln':
      return { kind: 'PARTY', uri: `${DIGITAL_LINK}/417/${keyOf('pgln', prefix, reference, 12)}` };
    default:
      return { kind: 'OTHER', uri: urn };
  }
}

/** The item reference begins with the indicator digit, which comes first in the GTIN. */
function gtinOf(prefix: string, itemReference: string, kind: string): string {
  return keyOf(kind, itemReference.slice(0, 1) + prefix, itemReference.slice(1), 13, prefix);
}

/** The serial reference begins with the extension digit, which comes first in the SSCC. */
function ssccOf(prefix: string, serialReference: string): string {
  return keyOf('sscc', serialReference.slice(0, 1) + prefix, serialReference.slice(1), 17, prefix);
}

function keyOf(kind: string, head: string, tail: string, digits: number, prefix = head): string {
  const body = head + tail;
  // A GS1 company prefix has 6 to 12 digits, and both parts together have the key's length.
  if (!/^\d{6,12}$/.test(prefix) || !/^\d+$/.test(body) || body.length !== digits) {
    throw malformed(kind);
  }
  return body + checkDigit(body);
}

/** The primary application identifiers of the Digital Links that are parsed here. */
const PRIMARY = new Set(['00', '01', '414', '417']);

function parseDigitalLink(uri: string): Gs1Key {
  const path = uri.replace(/^https?:\/\/[^/]*/, '').replace(/[?#].*$/, '');
  const steps = path.split('/').slice(1);
  const at = steps.findIndex((step, i) => PRIMARY.has(step) && /^\d+$/.test(steps[i + 1] ?? ''));
  if (at < 0) return { kind: 'OTHER', uri };
  const value = steps[at + 1] ?? '';
  const qualifiers = new Map<string, string>();
  for (let i = at + 2; i + 1 < steps.length; i += 2) {
    qualifiers.set(steps[i] ?? '', unescapeUrn(steps[i + 1] ?? ''));
  }
  switch (steps[at]) {
    case '01':
      return tradeItemKey(toGtin(value), qualifiers.get('21'), qualifiers.get('10'));
    case '00':
      return { kind: 'SSCC', uri: `${DIGITAL_LINK}/00/${requireDigits(value, 18, 'sscc-digits')}` };
    case '417':
      return {
        kind: 'PARTY',
        uri: `${DIGITAL_LINK}/417/${requireDigits(value, 13, 'gln-digits')}`,
      };
    default:
      return locationKey(requireDigits(value, 13, 'gln-digits'), qualifiers.get('254'));
  }
}

/** A serial identifies one pack, whatever lot is written next to it. */
function tradeItemKey(gtin: string, serial: string | undefined, lot: string | undefined): Gs1Key {
  if (serial !== undefined) return packKey(gtin, toSerial(serial, 'serial'));
  return lot === undefined ? gtinKey(gtin) : lotKey(gtin, toSerial(lot, 'lot'));
}

function requireDigits(value: string, digits: number, kind: string): string {
  if (value.length !== digits) throw malformed(kind);
  return requireCheckDigit(value, kind);
}

function requireCheckDigit(key: string, kind: string): string {
  if (checkDigit(key.slice(0, -1)) !== key.slice(-1)) throw malformed(kind);
  return key;
}

function unescapeUrn(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed('escape');
  }
}

function malformed(kind: string): DomainError {
  return new DomainError('ID_MALFORMED', { kind });
}
