import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { NetworkConsents } from '../../src/consent/answers/network-consents.js';
import type { Permit } from '../../src/consent/gate/permit.js';
import { consentSubgraph } from '../../src/consent/graphql/subgraph.js';
import type { InstitutionId } from '../../src/core/ids.js';
import { createGateway } from '../../src/federation/gateway.js';
import { type AskedInstitution, createAskNodes } from '../../src/network/ask-nodes.js';
import { importGatewayKey } from '../../src/network/gateway-key.js';
import { NetworkRecords } from '../../src/records/answers/network-records.js';
import { recordsSubgraph } from '../../src/records/answers/subgraph.js';
import type { Database } from '../../src/store/database.js';
import { besideGate, createHospital, type Open, throughGate } from './hospital.js';
import { withoutLog } from './without-log.js';

const logger = pino({ level: 'silent' });

/** A gateway over both hospitals' nodes, over HTTP on loopback. */
export interface Stack {
  readonly url: string;
  /** The audience of its requesters' tokens. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** What a network runs: tokens, gateway signatures, presentations asked with each request, the log. */
export const startGated = (hospitals: ReadonlyMap<InstitutionId, Database>): Promise<Stack> =>
  startStack(hospitals, throughGate);

/** The same parts with a permit for every row: who asks is not looked at, and nothing is logged. */
export function startOpen(
  hospitals: ReadonlyMap<InstitutionId, Database>,
  permits: readonly Permit[],
): Promise<Stack> {
  const unlogged = new Map([...hospitals].map(([id, db]) => [id, withoutLog(db)]));
  return startStack(unlogged, besideGate(permits));
}

async function startStack(
  hospitals: ReadonlyMap<InstitutionId, Database>,
  openAt: Open,
): Promise<Stack> {
  const stops: (() => Promise<unknown>)[] = [];
  const institutions: AskedInstitution[] = [];
  for (const [institution, db] of hospitals) {
    const app = await createHospital(institution, db, openAt);
    stops.push(() => app.close());
    const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
    institutions.push({ id: institution, endpoint, roles: ['HOSPITAL'], status: 'ACTIVE' });
  }
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const gatewayKey = await importGatewayKey(await exportJWK(privateKey));
  const ask = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  const ids = () => institutions.map(({ id }) => id);
  const app = await createGateway({
    subgraphs: [
      { name: 'consent', schema: consentSubgraph(new NetworkConsents(ask, ids)) },
      { name: 'records', schema: recordsSubgraph(new NetworkRecords(ask)) },
    ],
    ...{ gatewayKey, logger, version: '0.0.0', tokenMaxSeconds: 43_200, statements: [] },
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 1, late: () => [] },
    probe: async () => [],
    landing: async () => ({ document: '{ __typename }', headers: {} }),
  });
  stops.unshift(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = async () => {
    for (const end of stops) await end();
  };
  return { url, thumbprint: gatewayKey.thumbprint, stop };
}
