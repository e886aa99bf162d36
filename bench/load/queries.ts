import type { SeededPack } from '../../src/cli/pilot/seeded-pack.js';

/** One of the questions of the mixed load. */
export interface LoadQuery {
  readonly name: string;
  readonly document: string;
  /** Whose token it is asked with; absent: without one. */
  readonly persona?: 'portal' | 'pharmacist';
}

const SOURCES = 'sources { institution { id } status } complete';
const CODE = 'code { coding { system code } }';

/** Questions whose pages are as large as all that there is: what is missing moves nothing up. */
export function loadQueries(study: string, pack: SeededPack, epc: string): readonly LoadQuery[] {
  const { gtin, serial, lot, expiry } = pack;
  return [
    {
      name: 'records',
      persona: 'portal',
      document: `{ study(id: "${study}") { ${SOURCES} participants(first: 50) { ${SOURCES}
        nodes { pseudonym
          conditions(first: 100) { ${SOURCES} nodes { id custodian { id } ${CODE} } }
          dispenses(first: 100) { ${SOURCES} nodes { id custodian { id } medication { coding { code } } } }
        } } } }`,
    },
    {
      name: 'study',
      persona: 'portal',
      document: `{ study(id: "${study}") { id ${SOURCES} access { presented purpose dataClasses } } }`,
    },
    {
      name: 'trials',
      document: `{ trials(first: 50) { ${SOURCES}
        nodes { id title phase conditions custodian { id } sites { facility } } } }`,
    },
    {
      name: 'supply',
      document: `{ verifyProduct(gtin: "${gtin}", serial: "${serial}", lot: "${lot}", expiry: "${expiry}") {
          ${SOURCES} verified }
        lot(gtin: "${gtin}", lot: "${lot}") { ${SOURCES} gtin lot expiry holders { id } } }`,
    },
    {
      name: 'trace',
      persona: 'pharmacist',
      document: `{ trace(epc: "${epc}") { ${SOURCES}
        events { id eventTime bizStep custodian { id } } containments { action child parent time } } }`,
    },
  ];
}
