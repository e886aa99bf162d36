import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit, parseEpc, toGtin } from '../../src/supply/gs1.js';

const REFUSED = expect.objectContaining({ code: 'ID_MALFORMED' });

describe('parseEpc', () => {
  // Pairs from the examples of the EPC Tag Data Standard and of EPCIS 2.0.
  test.each([
    [
      'urn:epc:id:sgtin:0614141.107346.2018',
      'https://id.gs1.org/01/10614141073464/21/2018',
      'PACK',
    ],
    [
      'urn:epc:class:lgtin:4012345.012345.998877',
      'https://id.gs1.org/01/04012345123456/10/998877',
      'LOT',
    ],
    ['urn:epc:idpat:sgtin:4012345.098765.*', 'https://id.gs1.org/01/04012345987652', 'GTIN'],
    ['urn:epc:id:sscc:0614141.1234567890', 'https://id.gs1.org/00/106141412345678908', 'SSCC'],
    [
      'urn:epc:id:sgln:0614141.12345.400',
      'https://id.gs1.org/414/0614141123452/254/400',
      'LOCATION',
    ],
    ['urn:epc:id:sgln:0614141.12345.0', 'https://id.gs1.org/414/0614141123452', 'LOCATION'],
    ['urn:epc:id:pgln:0614141.12345', 'https://id.gs1.org/417/0614141123452', 'PARTY'],
  ])('%s is %s', (urn, link, kind) => {
    expect(parseEpc(urn)).toMatchObject({ uri: link, kind });
    expect(parseEpc(link)).toEqual(parseEpc(urn));
  });

  test.each([
    ['another resolver', 'https://shop.example/products/01/10614141073464/21/2018'],
    ['a query', 'https://id.gs1.org/01/10614141073464/21/2018?17=270630'],
    ['the lot beside the serial', 'https://id.gs1.org/01/10614141073464/10/L1/21/2018'],
    ['plain http', 'http://id.gs1.org/01/10614141073464/21/2018'],
  ])('a Digital Link with %s names the same pack', (_, link) => {
    expect(parseEpc(link)).toEqual(parseEpc('urn:epc:id:sgtin:0614141.107346.2018'));
  });

  test('a serial is the same escaped in a URN and in a Digital Link', () => {
    const urn = parseEpc('urn:epc:id:sgtin:0614141.107346.32a%2Fb');
    expect(urn).toMatchObject({ serial: '32a/b' });
    expect(parseEpc('https://id.gs1.org/01/10614141073464/21/32a%2Fb')).toEqual(urn);
  });

  test('the length of the company prefix does not change the pack', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{13}$/),
        fc.integer({ min: 6, max: 12 }),
        fc.stringMatching(/^[A-Z0-9]{1,20}$/),
        (digits, length, serial) => {
          const prefix = digits.slice(1, 1 + length);
          const reference = digits.slice(0, 1) + digits.slice(1 + length);
          expect(parseEpc(`urn:epc:id:sgtin:${prefix}.${reference}.${serial}`)).toMatchObject({
            gtin: digits + checkDigit(digits),
            serial,
          });
        },
      ),
    );
  });

  test('what it does not take apart is its own key', () => {
    for (const uri of ['urn:epc:id:giai:4000001.12345', 'urn:uuid:x', 'https://example.com/po/1']) {
      expect(parseEpc(uri)).toEqual({ kind: 'OTHER', uri });
    }
  });

  test.each([
    'no uri',
    'urn:epc:id:sgtin:0614141.107346',
    'urn:epc:id:sgtin:0614141.10734.2018',
    'urn:epc:id:sgtin:06141.10734600.2018',
    'urn:epc:id:sgtin:0614141.107346.123456789012345678901',
    'urn:epc:id:sgtin:0614141.107346.a%2',
    'urn:epc:id:sscc:0614141.123456789',
    'urn:epc:idpat:sgtin:0614141.107346.1',
    'https://id.gs1.org/01/10614141073465/21/2018',
    'https://id.gs1.org/00/106141412345678909',
    'https://id.gs1.org/414/0614141123453',
  ])('refuses %s', (text) => {
    expect(() => parseEpc(text)).toThrow(REFUSED);
  });
});

test('toGtin pads the shorter forms and checks the last digit', () => {
  expect(toGtin('614141073467')).toBe('00614141073467');
  expect(toGtin('10614141073464')).toBe('10614141073464');
  for (const wrong of ['614141073468', '1061414107346', '', '10614141073464x']) {
    expect(() => toGtin(wrong)).toThrow(REFUSED);
  }
});
