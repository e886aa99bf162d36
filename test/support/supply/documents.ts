/** A pack of GS1's own example company, and its case. */
export const PACK_URN = 'urn:epc:id:sgtin:9521141.001234.2017';
export const OTHER_PACK_URN = 'urn:epc:id:sgtin:9521141.001234.2018';
export const CASE_URN = 'urn:epc:id:sscc:9521141.1234567890';
export const LOT_URN = 'urn:epc:class:lgtin:9521141.001234.L1';
export const PACK_GTIN = '09521141012345';

export type Json = Readonly<Record<string, unknown>>;

/** An ObjectEvent with what every one must have, changed as given; undefined takes away. */
export function objectEvent(changes: Json = {}): Json {
  return {
    type: 'ObjectEvent',
    eventTime: '2026-01-05T10:00:00.000+02:00',
    eventTimeZoneOffset: '+02:00',
    epcList: [PACK_URN],
    action: 'OBSERVE',
    ...changes,
  };
}

/** A commissioning with the master data that makes a pack verifiable. */
export function commissioning(changes: Json = {}): Json {
  return objectEvent({
    action: 'ADD',
    bizStep: 'commissioning',
    ilmd: { 'cbvmda:lotNumber': 'L1', 'cbvmda:itemExpirationDate': '2027-06-30' },
    ...changes,
  });
}

export function aggregation(changes: Json = {}): Json {
  return {
    ...objectEvent({ type: 'AggregationEvent', epcList: undefined, action: 'ADD' }),
    parentID: CASE_URN,
    childEPCs: [PACK_URN],
    bizStep: 'packing',
    ...changes,
  };
}

/** A document around events, as it would come out of a file. */
export function epcisDocument(events: readonly Json[], changes: Json = {}): unknown {
  return JSON.parse(
    JSON.stringify({
      '@context': [
        'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
        { ext: 'https://example.com/ext/' },
      ],
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: '2026-01-06T00:00:00Z',
      epcisBody: { eventList: events },
      ...changes,
    }),
  );
}
