import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { jsonPath } from '../../core/import/import-report.js';
import { EVENT_SCHEMAS } from '../epcis-event.js';

export type Steps = readonly PropertyKey[];

/** An event of a document before it is parsed, and the context that applies to it. */
export interface PlacedEvent {
  readonly json: unknown;
  readonly at: Steps;
  /** The JSON-LD context of its document; a bare event has only its own. */
  readonly context: unknown;
}

/** The contents of a document, in any of its forms. */
export interface DocumentParts {
  readonly events: readonly PlacedEvent[];
  /** Vocabularies of master data, and their place. */
  readonly vocabularies: { readonly list: unknown; readonly at: Steps };
}

const GS1_CONTEXT =
  /^https:\/\/(ref\.gs1\.org\/standards|gs1\.github\.io)\/.*epcis-context\.jsonld$/i;
const Context = z.union([z.string(), z.record(z.string(), z.unknown())]);
const Gs1Context = z
  .union([Context, z.array(Context)], { error: 'is missing or no JSON-LD context' })
  .refine((context) => [context].flat().some(isGs1Context), {
    error: 'does not name the EPCIS context of GS1',
  });
const version = z.string().regex(/^2(\.\d+)*$/, 'is no version of EPCIS 2');
const time = z.iso.datetime({ offset: true, error: 'is no date and time with a time zone' });

const CaptureDocument = z.looseObject({
  '@context': Gs1Context,
  schemaVersion: version,
  creationDate: time,
  epcisHeader: z.unknown().optional(),
  epcisBody: z.looseObject({ eventList: z.array(z.unknown()) }),
});

const QueryDocument = z.looseObject({
  '@context': Gs1Context,
  schemaVersion: version.optional(),
  creationDate: time.optional(),
  epcisBody: z.looseObject({
    queryResults: z.looseObject({
      queryName: z.string(),
      subscriptionID: z.string().optional(),
      resultsBody: z.looseObject({
        eventList: z.array(z.unknown()),
        vocabularyList: z.unknown().optional(),
      }),
    }),
  }),
});

const BareEvent = z.looseObject({ '@context': Gs1Context });
const MasterData = z.looseObject({
  epcisMasterData: z.looseObject({ vocabularyList: z.unknown() }),
});

const FORMS = 'is none of EPCISDocument, EPCISQueryDocument and the event types of EPCIS 2.0';

/**
 * Splits an EPCIS 2.0 document into its parts: a capture document, a query document, a bare event,
 * or a list of bare events.
 *
 * @throws DomainError EPCIS_INVALID, with the path, if the document around the events is invalid.
 * @source https://ref.gs1.org/standards/epcis/2.0.1/ and its JSON Schema (EPCIS-JSON-Schema-root)
 */
export function partsOfDocument(json: unknown): DocumentParts {
  if (Array.isArray(json)) {
    const parts = json.map((one, i) => partsOfBareEvent(one, [i]));
    return { events: parts, vocabularies: { list: undefined, at: [] } };
  }
  const { data } = z.looseObject({ type: z.string() }).safeParse(json);
  if (data?.type === 'EPCISDocument') return partsOfCapture(json);
  if (data?.type === 'EPCISQueryDocument') return partsOfQuery(json);
  return { events: [partsOfBareEvent(json, [])], vocabularies: { list: undefined, at: [] } };
}

function partsOfCapture(json: unknown): DocumentParts {
  const { '@context': context, epcisHeader, epcisBody } = required(CaptureDocument, json, []);
  const { data: header } = MasterData.safeParse(epcisHeader);
  return {
    events: placed(epcisBody.eventList, ['epcisBody', 'eventList'], context),
    vocabularies: {
      list: header?.epcisMasterData.vocabularyList,
      at: ['epcisHeader', 'epcisMasterData', 'vocabularyList'],
    },
  };
}

function partsOfQuery(json: unknown): DocumentParts {
  const { '@context': context, epcisBody } = required(QueryDocument, json, []);
  const { eventList, vocabularyList } = epcisBody.queryResults.resultsBody;
  const at = ['epcisBody', 'queryResults', 'resultsBody'];
  return {
    events: placed(eventList, [...at, 'eventList'], context),
    vocabularies: { list: vocabularyList, at: [...at, 'vocabularyList'] },
  };
}

function partsOfBareEvent(json: unknown, at: Steps): PlacedEvent {
  const { data } = z.looseObject({ type: z.string() }).safeParse(json);
  if (data === undefined) throw invalid([...at, 'type'], 'is missing');
  if (!Object.hasOwn(EVENT_SCHEMAS, data.type)) throw invalid([...at, 'type'], FORMS);
  return { json, at, context: required(BareEvent, json, at)['@context'] };
}

function placed(list: readonly unknown[], at: Steps, context: unknown): readonly PlacedEvent[] {
  return list.map((json, i) => ({ json, at: [...at, i], context }));
}

function required<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  at: Steps,
): z.infer<Schema> {
  const { data, error } = schema.safeParse(json);
  if (error === undefined) return data;
  const issue = error.issues[0];
  throw invalid([...at, ...(issue?.path ?? [])], issue?.message ?? 'no document');
}

function isGs1Context(context: z.infer<typeof Context>): boolean {
  return typeof context === 'string' && GS1_CONTEXT.test(context);
}

function invalid(at: Steps, problem: string): DomainError {
  return new DomainError('EPCIS_INVALID', { path: jsonPath(...at), problem });
}
