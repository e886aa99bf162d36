import { describe, expect, test } from 'vitest';
import { parseEpcisDocument } from '../../src/supply/epcis.js';
import {
  aggregation,
  CASE_URN,
  commissioning,
  epcisDocument,
  type Json,
  LOT_URN,
  objectEvent,
  PACK_URN,
} from '../support/supply/documents.js';

const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';

/** The answer to a query around events. */
function queryDocument(events: readonly Json[], results: Json = {}): unknown {
  const resultsBody = { eventList: events, ...results };
  const epcisBody = { queryResults: { queryName: 'SimpleEventQuery', resultsBody } };
  return epcisDocument([], { type: 'EPCISQueryDocument', epcisBody });
}

function bare(event: Json, context: unknown = [CONTEXT, { ext: 'https://example.com/ext/' }]) {
  return JSON.parse(JSON.stringify({ '@context': context, ...event }));
}

function refusedOf(json: unknown) {
  return parseEpcisDocument(json).events.flatMap((one) => ('refused' in one ? [one.refused] : []));
}

const EVENTS = [
  commissioning(),
  aggregation(),
  objectEvent({ type: 'TransactionEvent', bizTransactionList: [{ bizTransaction: 'urn:x:1' }] }),
  aggregation({ type: 'AssociationEvent' }),
  {
    ...objectEvent({ type: 'TransformationEvent', epcList: undefined, action: undefined }),
    inputEPCList: [PACK_URN],
    outputEPCList: [CASE_URN],
  },
];

describe('an event is the same', () => {
  test.each(EVENTS.map((event) => [event.type, event]))('%s, in every form', (_, event) => {
    const [captured] = parseEpcisDocument(epcisDocument([event])).events;
    const [asked] = parseEpcisDocument(queryDocument([event])).events;
    if (captured === undefined || 'refused' in captured) throw new Error('refused');
    expect(asked).toEqual({
      event: captured.event,
      path: 'epcisBody.queryResults.resultsBody.eventList[0]',
    });
    const { '@context': _context, ...inner } = bare(event);
    const [alone] = parseEpcisDocument(bare(event)).events;
    if (alone === undefined || 'refused' in alone) throw new Error('refused');
    expect(alone.path).toBe('');
    expect(alone.event).toMatchObject({
      ...captured.event,
      raw: inner,
      contentHash: {},
      eventId: {},
    });
  });

  test('a list of bare events has them all', () => {
    const events = parseEpcisDocument(EVENTS.map((event) => bare(event))).events;
    expect(events.map((one) => 'event' in one && one.path)).toEqual([
      '[0]',
      '[1]',
      '[2]',
      '[3]',
      '[4]',
    ]);
  });
});

describe('the answer to a query', () => {
  test('needs no date of creation, and may name its subscription', () => {
    const document = queryDocument([objectEvent()]) as Record<string, unknown>;
    const { creationDate: _, schemaVersion: __, ...least } = document;
    expect(parseEpcisDocument(least).events).toHaveLength(1);
  });

  test('has a defect at its own place', () => {
    const [refused] = refusedOf(queryDocument([objectEvent(), objectEvent({ action: 'CREATE' })]));
    expect(refused?.path).toBe('epcisBody.queryResults.resultsBody.eventList[1].action');
  });

  test('brings the products that it describes', () => {
    const id = 'urn:epc:idpat:sgtin:9521141.001234.*';
    const attributes = [{ id: 'cbvmda:regulatedProductName', attribute: 'Examplin' }];
    const list = (elementId: string) => [
      {
        type: 'urn:epcglobal:epcis:vtype:EPCClass',
        vocabularyElementList: [{ id: elementId, attributes }],
      },
    ];
    const read = parseEpcisDocument(queryDocument([], { vocabularyList: list(id) }));
    expect(read.products).toMatchObject([{ name: 'Examplin' }]);
    const wrong = list('urn:epc:idpat:sgtin:9521141.00123.*');
    const inQuery = parseEpcisDocument(queryDocument([objectEvent()], { vocabularyList: wrong }));
    expect(inQuery.events).toHaveLength(1);
    expect(inQuery.refused).toEqual([
      {
        path: 'epcisBody.queryResults.resultsBody.vocabularyList[0].vocabularyElementList[0].id',
        code: 'EPCIS_INVALID',
        detail: expect.stringContaining('is no SGTIN'),
      },
    ]);
    const epcisHeader = { epcisMasterData: { vocabularyList: wrong } };
    const captured = parseEpcisDocument(epcisDocument([objectEvent()], { epcisHeader }));
    expect(captured.refused[0]?.path).toBe(
      'epcisHeader.epcisMasterData.vocabularyList[0].vocabularyElementList[0].id',
    );
  });
});

describe('a bare event is refused', () => {
  test.each([
    ['@context', bare(objectEvent(), null)],
    ['@context', bare(objectEvent(), ['https://example.com/other.jsonld'])],
    ['type', { '@context': CONTEXT }],
    ['type', bare(objectEvent({ type: 'QuantityEvent' }))],
    ['[1].type', [bare(objectEvent()), 7]],
  ])('at %s', (path, json) => {
    expect(() => parseEpcisDocument(json)).toThrow(
      expect.objectContaining({ code: 'EPCIS_INVALID', facts: expect.objectContaining({ path }) }),
    );
  });

  test('if nothing declares a prefix of it', () => {
    expect(refusedOf(bare(objectEvent({ 'ext:a': 1 }), CONTEXT))[0]?.path).toBe('ext:a');
    expect(refusedOf(bare(objectEvent({ 'ext:a': 1 })))).toEqual([]);
  });
});

describe('sensorReport', () => {
  /** @source EPCIS 2.0 JSON Schema of GS1, definition sensorReport: those of URIs */
  const URIS = ['deviceID', 'deviceMetadata', 'rawData', 'dataProcessingMethod', 'bizRules'];
  const report = (changes: Json) =>
    objectEvent({ sensorElementList: [{ sensorReport: [{ type: 'Temperature', ...changes }] }] });

  test.each(URIS)('has %s', (element) => {
    const valid = report({ [element]: 'https://example.org/253/4012345000054987' });
    expect(refusedOf(epcisDocument([valid]))).toEqual([]);
    const [refused] = refusedOf(epcisDocument([report({ [element]: 5 })]));
    expect(refused?.path).toContain(`sensorReport[0].${element}`);
  });
});

describe('an identifier that GS1 does not allow is refused at its element', () => {
  const SHORT_SSCC = 'urn:epc:id:sscc:9521141.123456789';
  const LINK_SSCC = 'https://id.gs1.org/00/106141412345678909';
  const transformation = (changes: Json) => ({
    ...objectEvent({ type: 'TransformationEvent', epcList: undefined, action: undefined }),
    inputEPCList: [PACK_URN],
    outputEPCList: [CASE_URN],
    ...changes,
  });
  test.each([
    ['epcList[1]', 'SSCC', objectEvent({ epcList: [PACK_URN, SHORT_SSCC] })],
    ['epcList[0]', 'SSCC', objectEvent({ epcList: [LINK_SSCC] })],
    ['parentID', 'SSCC', aggregation({ parentID: SHORT_SSCC })],
    ['parentID', 'SSCC', aggregation({ type: 'AssociationEvent', parentID: LINK_SSCC })],
    ['childEPCs[0]', 'SSCC', aggregation({ childEPCs: [SHORT_SSCC] })],
    ['inputEPCList[0]', 'SSCC', transformation({ inputEPCList: [SHORT_SSCC] })],
    ['outputEPCList[1]', 'SSCC', transformation({ outputEPCList: [CASE_URN, SHORT_SSCC] })],
    [
      'quantityList[0].epcClass',
      'LGTIN',
      objectEvent({ quantityList: [{ epcClass: LOT_URN.replace('.001234', '.1234') }] }),
    ],
    [
      'childQuantityList[0].epcClass',
      'GTIN',
      aggregation({ childQuantityList: [{ epcClass: 'https://id.gs1.org/01/09521141012346' }] }),
    ],
    ['readPoint.id', 'SGLN', objectEvent({ readPoint: { id: 'urn:epc:id:sgln:9521141.1.0' } })],
    ['bizLocation.id', 'GLN', objectEvent({ bizLocation: { id: 'https://id.gs1.org/414/123' } })],
    [
      'ilmd.cbvmda:lotNumber',
      'lot number',
      commissioning({
        ilmd: { 'cbvmda:lotNumber': 'é', 'cbvmda:itemExpirationDate': '2027-06-30' },
      }),
    ],
  ])('%s: %s', (element, rule, event) => {
    const [refused, ...others] = refusedOf(epcisDocument([objectEvent(), event]));
    expect(others).toEqual([]);
    expect(refused).toMatchObject({
      path: `epcisBody.eventList[1].${element}`,
      code: 'EPCIS_INVALID',
      detail: expect.stringContaining(rule),
    });
    expect(refused?.detail).not.toMatch(/\d{7}/);
  });
});
