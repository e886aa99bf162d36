import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../core/canonical.js';
import { DomainError } from '../core/errors.js';
import { jsonPath, type RefusedEntry } from '../core/import-report.js';
import { EVENT_SCHEMAS, type WireEvent } from './epcis-event.js';
import { prefixesOf, strangePrefixIn } from './epcis-extension.js';
import { lotsOf, packsOf, partiesOf, touchedBy } from './epcis-index.js';
import { parseEpc } from './gs1.js';
import { parseProducts } from './master-data.js';
import type { CapturedEvent, EventType, Product } from './model.js';

/** One event of a document: read, or refused with its place in it. */
export type EventReading = { readonly event: CapturedEvent } | { readonly refused: RefusedEntry };

const GS1_CONTEXT =
  /^https:\/\/(ref\.gs1\.org\/standards|gs1\.github\.io)\/.*epcis-context\.jsonld$/i;
const Context = z.union([z.string(), z.record(z.string(), z.unknown())]);

const DocumentShell = z.looseObject({
  '@context': z
    .union([Context, z.array(Context)], { error: 'is missing or no JSON-LD context' })
    .refine((context) => [context].flat().some(isGs1Context), {
      error: 'does not name the EPCIS context of GS1',
    }),
  type: z.literal('EPCISDocument'),
  schemaVersion: z.string().regex(/^2(\.\d+)*$/, 'is no version of EPCIS 2'),
  creationDate: z.iso.datetime({ offset: true }),
  epcisHeader: z.unknown().optional(),
  epcisBody: z.looseObject({ eventList: z.array(z.unknown()) }),
});

/**
 * Reads an EPCIS 2.0 document in JSON, event by event.
 *
 * @throws DomainError EPCIS_INVALID, with its path, if the shell around the events does not hold.
 * @source https://ref.gs1.org/standards/epcis/2.0.1/
 */
export function parseEpcisDocument(json: unknown): {
  readonly events: readonly EventReading[];
  readonly products: readonly Product[];
} {
  const { data, error } = DocumentShell.safeParse(json);
  if (data === undefined) {
    const issue = error.issues[0];
    const path = jsonPath(...(issue?.path ?? []));
    throw new DomainError('EPCIS_INVALID', { path, problem: issue?.message ?? 'no document' });
  }
  const prefixes = prefixesOf(data['@context']);
  const events = data.epcisBody.eventList.map((event, i) =>
    parseEvent(event, ['epcisBody', 'eventList', i], prefixes),
  );
  return { events, products: parseProducts(data.epcisHeader) };
}

function isGs1Context(context: z.infer<typeof Context>): boolean {
  return typeof context === 'string' && GS1_CONTEXT.test(context);
}

type Steps = readonly PropertyKey[];

function parseEvent(json: unknown, at: Steps, prefixes: ReadonlySet<string>): EventReading {
  const { data } = z.looseObject({ type: z.string() }).safeParse(json);
  if (data === undefined) return refuse([...at, 'type'], 'is missing');
  if (!Object.hasOwn(EVENT_SCHEMAS, data.type)) {
    return refuse([...at, 'type'], 'is no event type of EPCIS 2.0');
  }
  const type = data.type as EventType;
  const { data: wire, error } = EVENT_SCHEMAS[type].safeParse(json);
  if (wire === undefined) {
    // The first defect gives the place; the others are named beside it.
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
  try {
    return { event: toCapturedEvent(type, wire as WireEvent, data) };
  } catch (failure) {
    if (!(failure instanceof DomainError)) throw failure;
    return refuse(at, failure.message);
  }
}

/** A closed object's issue stands at the object; its stranger is the place to look at. */
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
 * It is not the CBV's event hash, which also evens out how a value is written; that comes later,
 * so an id made here bears no `ver=CBV2.0`.
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
