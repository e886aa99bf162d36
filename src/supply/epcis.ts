import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { jsonPath, type RefusedEntry } from '../core/import/import-report.js';
import { partsOfDocument, type Steps } from './epcis/document.js';
import { malformedIdentifierIn } from './epcis/identifiers.js';
import { EVENT_SCHEMAS, type WireEvent } from './epcis-event.js';
import { prefixesOf, strangePrefixIn } from './epcis-extension.js';
import { lotsOf, packsOf, partiesOf, touchedBy } from './epcis-index.js';
import { parseEpc } from './gs1.js';
import { parseProducts } from './master-data.js';
import type { CapturedEvent, EventType, Product } from './model.js';

/** One event of a document, parsed or refused, with its place in the document. */
export type EventReading =
  | { readonly event: CapturedEvent; readonly path: string }
  | { readonly refused: RefusedEntry };

/**
 * Reads an EPCIS 2.0 document in JSON, event by event: a capture document, a query document, or
 * bare events without a document.
 *
 * @throws DomainError EPCIS_INVALID, with the path, if the document around the events is invalid.
 * @source https://ref.gs1.org/standards/epcis/2.0.1/
 */
export function parseEpcisDocument(json: unknown): {
  readonly events: readonly EventReading[];
  readonly products: readonly Product[];
  /** Refused product elements, which do not identify a trade item correctly. */
  readonly refused: readonly RefusedEntry[];
} {
  const { events, vocabularies } = partsOfDocument(json);
  const { products, defects } = parseProducts(vocabularies.list);
  return {
    events: events.map(({ json: event, at, context }) =>
      parseEvent(event, at, prefixesOf(context)),
    ),
    products,
    refused: defects.map(({ at, rule }) => refuse([...vocabularies.at, ...at], rule).refused),
  };
}

function parseEvent(json: unknown, at: Steps, prefixes: ReadonlySet<string>): EventReading {
  const { data } = z.looseObject({ type: z.string() }).safeParse(json);
  if (data === undefined) return refuse([...at, 'type'], 'is missing');
  if (!Object.hasOwn(EVENT_SCHEMAS, data.type)) {
    return refuse([...at, 'type'], 'is no event type of EPCIS 2.0');
  }
  const type = data.type as EventType;
  const { data: wire, error } = EVENT_SCHEMAS[type].safeParse(json);
  if (wire === undefined) {
    // The first defect gives the place; the others are listed with it.
    const places = error.issues.map(placeOfIssue);
    const defects = error.issues.map(
      ({ message }, i) => `${jsonPath(...(places[i] ?? []))} ${message}`,
    );
    return refuse([...at, ...(places[0] ?? [])], defects.join('; '));
  }
  const strange = strangePrefixIn(data, prefixes);
  if (strange !== undefined) {
    return refuse([...at, ...strange], 'has a prefix that no @context declares, or lies too deep');
  }
  const malformed = malformedIdentifierIn(wire as WireEvent);
  if (malformed !== undefined) return refuse([...at, ...malformed.at], malformed.rule);
  return { event: toCapturedEvent(type, wire as WireEvent, data), path: jsonPath(...at) };
}

/** zod reports an unknown key at the object; the place to show is the key itself. */
function placeOfIssue(issue: z.core.$ZodIssue): Steps {
  return issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys] : issue.path;
}

function toCapturedEvent(
  type: EventType,
  wire: WireEvent,
  raw: Readonly<Record<string, unknown>>,
): CapturedEvent {
  const contentHash = hashOf(raw);
  const errorTime = wire.errorDeclaration?.declarationTime;
  const packs = packsOf(type, wire);
  return {
    eventId: wire.eventID ?? `ni:///sha-256;${contentHash}`,
    contentHash,
    type,
    action: wire.action ?? null,
    bizStep: wire.bizStep ?? null,
    disposition: wire.disposition ?? null,
    eventTimeMs: Date.parse(wire.eventTime),
    readPoint: placeOf(wire.readPoint),
    bizLocation: placeOf(wire.bizLocation),
    declaredInErrorMs: errorTime === undefined ? null : Date.parse(errorTime),
    touched: touchedBy(wire),
    parties: partiesOf(wire),
    packs,
    lots: lotsOf(wire, packs),
    recalls: isRecall(wire),
    raw,
  };
}

/**
 * SHA-256 over the canonical JSON of what happened.
 *
 * It is not the CBV's event hash, which also normalises how values are written, so an id made here
 * has no `ver=CBV2.0`.
 */
function hashOf(raw: Readonly<Record<string, unknown>>): string {
  const { eventID: _id, recordTime: _time, errorDeclaration: _error, ...happened } = raw;
  return sha256Hex(canonicalJson(happened));
}

function placeOf(place: { readonly id: string } | undefined): string | null {
  return place === undefined ? null : parseEpc(place.id).uri;
}

function isRecall({ disposition, persistentDisposition }: WireEvent): boolean {
  return disposition === 'recalled' || (persistentDisposition?.set?.includes('recalled') ?? false);
}

function refuse(at: Steps, detail: string): { readonly refused: RefusedEntry } {
  return { refused: { path: jsonPath(...at), code: 'EPCIS_INVALID', detail } };
}
