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
  PACK_GTIN,
  PACK_URN,
} from '../support/supply/documents.js';

function readOne(event: Json, changes: Json = {}) {
  const [reading] = parseEpcisDocument(epcisDocument([event], changes)).events;
  if (reading === undefined) throw new Error('no event was read');
  return reading;
}

function eventOf(event: Json) {
  const reading = readOne(event);
  if ('refused' in reading) throw new Error(`refused at ${reading.refused.path}`);
  return reading.event;
}

function pathRefused(event: Json): string {
  const reading = readOne(event);
  if ('event' in reading) throw new Error('the event was taken');
  expect(reading.refused.code).toBe('EPCIS_INVALID');
  return reading.refused.path.replace('epcisBody.eventList[0]', '');
}

const sensor = (changes: Json) =>
  objectEvent({ sensorElementList: [{ sensorReport: [{ type: 'Temperature', ...changes }] }] });

describe('an event is taken', () => {
  test.each([
    [
      'with a Digital Link',
      objectEvent({ epcList: ['https://id.gs1.org/01/09521141012345/21/1'] }),
    ],
    ['with a quantity alone', objectEvent({ epcList: [], quantityList: [{ epcClass: LOT_URN }] })],
    ['with a business step of a vendor', objectEvent({ bizStep: 'https://example.com/step/x' })],
    ['with a declared extension', objectEvent({ 'ext:note': { inner: { 'ext:deep': 1 } } })],
    [
      'with an extension that it declares itself',
      { ...objectEvent({ 'own:a': 1 }), '@context': [{ own: 'https://o.example/' }] },
    ],
    ['with sensor data', sensor({ value: 4.5, uom: 'CEL', 'ext:cv': '1' })],
    [
      'of a sensor, about no item',
      { ...sensor({ value: 1 }), epcList: undefined, readPoint: { id: 'urn:x:y' } },
    ],
    [
      'with a persistent disposition',
      objectEvent({ persistentDisposition: { set: ['completeness_verified'] } }),
    ],
    ['of aggregation', aggregation()],
    ['of aggregation, emptied whole', aggregation({ action: 'DELETE', childEPCs: undefined })],
    ['of association', aggregation({ type: 'AssociationEvent' })],
    [
      'of transaction',
      objectEvent({
        type: 'TransactionEvent',
        bizTransactionList: [{ type: 'po', bizTransaction: 'urn:x:1' }],
      }),
    ],
    [
      'of transformation',
      {
        ...objectEvent({ type: 'TransformationEvent', epcList: undefined, action: undefined }),
        inputEPCList: [PACK_URN],
        outputQuantityList: [{ epcClass: LOT_URN, quantity: 1.5, uom: 'KGM' }],
      },
    ],
  ])('%s', (_, event) => {
    expect(eventOf(event)).toMatchObject({ type: event.type });
  });

  test('a standard word written as a URI is the bare word', () => {
    for (const bizStep of [
      'shipping',
      'https://ref.gs1.org/cbv/BizStep-shipping',
      'cbv:BizStep-shipping',
      'urn:epcglobal:cbv:bizstep:shipping',
    ]) {
      expect(eventOf(objectEvent({ bizStep })).bizStep).toBe('shipping');
    }
  });

  test('with its time as an instant, whatever the offset', () => {
    expect(eventOf(objectEvent()).eventTimeMs).toBe(Date.UTC(2026, 0, 5, 8));
  });

  test('with all that it touches, parents and children apart', () => {
    const event = eventOf(aggregation({ childQuantityList: [{ epcClass: LOT_URN, quantity: 2 }] }));
    expect(event.touched.map(({ part }) => part).sort()).toEqual(['CHILD', 'CLASS', 'PARENT']);
    expect(event.touched.find(({ part }) => part === 'PARENT')?.epc).toContain('/00/');
  });

  test('and a commissioning makes packs of its lot', () => {
    expect(eventOf(commissioning()).packs).toEqual([
      { gtin: PACK_GTIN, serial: '2017', lot: 'L1', expiry: '2027-06-30' },
    ]);
    expect(eventOf(objectEvent()).packs).toEqual([]);
  });

  test('an id made from its content says no CBV version, and order of elements does not change it', () => {
    const event = objectEvent({ bizStep: 'shipping' });
    const turned = Object.fromEntries(Object.entries(event).reverse());
    expect(eventOf(event).eventId).toMatch(/^ni:\/\/\/sha-256;[0-9a-f]{64}$/);
    expect(eventOf(turned).eventId).toBe(eventOf(event).eventId);
    const recorded = objectEvent({ bizStep: 'shipping', recordTime: '2026-01-07T00:00:00Z' });
    expect(eventOf(recorded).eventId).toBe(eventOf(event).eventId);
    expect(eventOf(objectEvent()).eventId).not.toBe(eventOf(event).eventId);
  });
});

describe('an event is refused', () => {
  test.each([
    ['.action', objectEvent({ action: 'CREATE' })],
    ['.action', objectEvent({ action: undefined })],
    ['.eventTime', objectEvent({ eventTime: '22-07-2026' })],
    ['.eventTime', objectEvent({ eventTime: '2026-02-30T00:00:00Z' })],
    ['.eventTime', objectEvent({ eventTime: '2026-07-22T06:45:00' })],
    ['.eventTime', objectEvent({ eventTime: undefined })],
    ['.eventTimeZoneOffset', objectEvent({ eventTimeZoneOffset: '+15:00' })],
    ['.eventTimeZoneOffset', objectEvent({ eventTimeZoneOffset: undefined })],
    ['.epcList', objectEvent({ epcList: undefined })],
    ['.epcList', objectEvent({ epcList: [] })],
    ['.epcList[0]', objectEvent({ epcList: ['no uri'] })],
    ['.epcList[0]', objectEvent({ epcList: ['https://id.gs1.org/01/09521141012346/21/1'] })],
    ['.bizStep', objectEvent({ bizStep: 'transforming' })],
    ['.bizStep', objectEvent({ bizStep: 'https://ref.gs1.org/cbv/BizStep-transforming' })],
    ['.disposition', objectEvent({ disposition: 'in_transport' })],
    ['.sourceList[0].type', objectEvent({ sourceList: [{ type: 'place', source: 'urn:x:1' }] })],
    [
      '.sourceList[0].extra',
      objectEvent({ sourceList: [{ type: 'location', source: 'urn:x:1', extra: 1 }] }),
    ],
    [
      '.quantityList[0].quantity',
      objectEvent({ quantityList: [{ epcClass: LOT_URN, quantity: 'twenty' }] }),
    ],
    [
      '.quantityList[0].quantity',
      objectEvent({ quantityList: [{ epcClass: LOT_URN, uom: 'KGM' }] }),
    ],
    ['.quantityList[0].weight', objectEvent({ quantityList: [{ epcClass: LOT_URN, weight: 5 }] })],
    ['.certificationInfo', objectEvent({ certificationInfo: [{ agency: 'x' }] })],
    ['.ilmd.materialType', objectEvent({ action: 'ADD', ilmd: { materialType: 'soil' } })],
    ['.ilmd', objectEvent({ ilmd: { 'ext:a': 1 } })],
    ['.colour', objectEvent({ colour: 'red' })],
    ['.toString', objectEvent({ toString: 'x' })],
    ['.foo:note', objectEvent({ 'foo:note': 1 })],
    ['.ext:list[1].foo:x', objectEvent({ 'ext:list': [1, { 'foo:x': 1 }] })],
    ['.readPoint.id', objectEvent({ readPoint: {} })],
    ['.persistentDisposition.set[0]', objectEvent({ persistentDisposition: { set: ['gone'] } })],
    ['.sensorElementList[0].sensorReport[0].type', sensor({ type: 'Warmth' })],
    ['.sensorElementList[0].sensorReport[0].value', sensor({ value: '4' })],
    [
      '.errorDeclaration.declarationTime',
      objectEvent({ errorDeclaration: { reason: 'incorrect_data' } }),
    ],
    [
      '.errorDeclaration.reason',
      objectEvent({
        errorDeclaration: { declarationTime: '2026-01-06T00:00:00Z', reason: 'oops' },
      }),
    ],
    ['.childEPCs', aggregation({ childEPCs: [] })],
    ['.parentID', aggregation({ parentID: undefined })],
    [
      '.parentID',
      aggregation({ type: 'AssociationEvent', parentID: undefined, action: 'OBSERVE' }),
    ],
    ['.bizTransactionList', objectEvent({ type: 'TransactionEvent' })],
    [
      '.inputEPCList',
      {
        ...objectEvent({ type: 'TransformationEvent', epcList: undefined, action: undefined }),
        outputEPCList: [PACK_URN],
      },
    ],
    [
      '.action',
      {
        ...objectEvent({ type: 'TransformationEvent', epcList: undefined }),
        inputEPCList: [PACK_URN],
        outputEPCList: [CASE_URN],
      },
    ],
    ['.type', objectEvent({ type: 'QuantityEvent' })],
    ['.type', objectEvent({ type: 'constructor' })],
    [
      '.ilmd.cbvmda:itemExpirationDate',
      commissioning({
        ilmd: { 'cbvmda:lotNumber': 'L1', 'cbvmda:itemExpirationDate': '2027-02-30' },
      }),
    ],
  ])('at %s', (path, event) => {
    expect(pathRefused(event)).toBe(path);
  });

  test('that is nested without end, without taking the reader down', () => {
    let nest: unknown = 1;
    for (let i = 0; i < 500; i += 1) nest = { 'ext:a': nest };
    expect(pathRefused(objectEvent({ 'ext:a': nest }))).toMatch(/^\.ext:a/);
  });

  test('alone, and its neighbours are taken', () => {
    const events = [objectEvent(), objectEvent({ action: 'CREATE' }), aggregation()];
    const readings = parseEpcisDocument(epcisDocument(events)).events;
    expect(readings.map((reading) => 'event' in reading)).toEqual([true, false, true]);
  });
});

describe('a document is refused whole', () => {
  test.each([
    ['@context', { '@context': undefined }],
    ['@context', { '@context': ['https://example.com/other.jsonld'] }],
    ['type', { type: 'EPCISMasterDataDocument' }],
    ['type', { type: undefined }],
    ['epcisBody.queryResults', { type: 'EPCISQueryDocument' }],
    ['schemaVersion', { schemaVersion: '1.2' }],
    ['creationDate', { creationDate: 'yesterday' }],
    ['epcisBody', { epcisBody: undefined }],
    ['epcisBody.eventList', { epcisBody: { eventList: 'none' } }],
  ])('at %s', (path, changes) => {
    expect(() => parseEpcisDocument(epcisDocument([], changes))).toThrow(
      expect.objectContaining({ code: 'EPCIS_INVALID', facts: expect.objectContaining({ path }) }),
    );
  });
});
