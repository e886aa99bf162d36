import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import type { LedgerAccounts } from '../../../src/client/gateway/ledger-accounts.js';
import { NetworkConsents } from '../../../src/consent/answers/network-consents.js';
import { DatabaseConsents } from '../../../src/consent/answers/node-consents.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import type { StrangerTerms } from '../../../src/consent/feed/stranger-terms.js';
import { createAuthenticate } from '../../../src/consent/gate/authenticate.js';
import type { PermitSet } from '../../../src/consent/gate/permit.js';
import { consentSubgraph } from '../../../src/consent/graphql/subgraph.js';
import { addStudy } from '../../../src/consent/registration/study.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { systemClock } from '../../../src/core/clock.js';
import {
  type InstitutionId,
  toInstitutionId,
  toPseudonym,
  toStudyId,
} from '../../../src/core/ids.js';
import { createGateway } from '../../../src/federation/gateway.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { mountSubgraph } from '../../../src/federation/serve-subgraph.js';
import { type AskedInstitution, createAskNodes } from '../../../src/network/ask-nodes.js';
import { importGatewayKey } from '../../../src/network/gateway-key.js';
import { NetworkRecords } from '../../../src/records/answers/network-records.js';
import { DatabaseRecords } from '../../../src/records/answers/node-records.js';
import { recordsSubgraph } from '../../../src/records/answers/subgraph.js';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import type { Database } from '../../../src/store/database.js';
import { addressAt, feedOver, LEDGER, walletParts } from '../consent/gate-feed.js';
import { gateAt, snapshotOf } from '../consent/gate-fixture.js';
import { collection, observation, patient } from '../records/clinic.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { lakeshore, nowSeconds, riverside, studyName } from './sample.js';

const logger = pino({ level: 'silent' });
const study = toStudyId(studyName.id);

/** A node with a real gate, over a ledger of which a test says which root it anchored. */
export interface HospitalNode {
  /** Its database: a test looks at what became of what it sent. */
  readonly db: Database;
  readonly asked: AskedInstitution;
  /** Forgets what it was shown, as one that was admitted today. */
  forgetPresentations(): Promise<void>;
  /** Its ledger anchors this root from now on, and no other. */
  anchor(root: bigint): void;
}

/** Two hospitals and a gateway, over HTTP on loopback, with one patient known at both. */
export async function startSmallNetwork(
  root: bigint,
  pseudonym: bigint,
  terms: { readonly strangers?: StrangerTerms } = {},
) {
  const server = await openFreshPglite();
  const stops: (() => Promise<unknown>)[] = [() => server.close()];

  async function startNode(institution: InstitutionId): Promise<HospitalNode> {
    const db = await server.open(institution);
    await db.transaction(async (tx) => {
      const sponsor = toInstitutionId(studyName.sponsor);
      await addStudy(tx, { network: studyName.network, id: study, sponsor, title: 'A study' });
      const subject = { study, pseudonym: toPseudonym(String(pseudonym)), patientId: 'ana' };
      await tx.insert(researchSubject).values({ ...subject, linkedAt: 0 });
    });
    const bundle = collection(patient('ana'), observation(`at-${institution}`, 'ana'));
    await importBundle(db, bundle, { source: 'test' });
    let anchored = root;
    const ledger = () => snapshotOf({ root: anchored, anchoredAt: nowSeconds - 3_600 });
    const gate = gateAt(db, root, {
      institution,
      clock: systemClock,
      snapshot: ledger,
    });
    const acceptsRoot = (asked: bigint) => asked === anchored;
    const feed = await feedOver(db, institution, { ...terms, acceptsRoot });
    const consents = new DatabaseConsents({
      gate,
      ...walletParts(feed),
      prove: createProver({ db, institution, ledger }),
    });
    const records = new DatabaseRecords({
      db,
      institution,
      nodeIdKey: Buffer.alloc(32, institution),
      clock: systemClock,
    });
    const authenticate = createAuthenticate({
      institution,
      clock: systemClock,
      maxTokenSeconds: 600,
    });
    const open = async (request: Parameters<typeof authenticate>[0]): Promise<PermitSet> =>
      gate.open(await authenticate(request));
    const app = createNodeServer({ logger, health: () => ({}) });
    stops.unshift(() => app.close());
    const subgraphs = {
      consent: consentSubgraph(consents),
      records: recordsSubgraph(records),
    };
    for (const [name, schema] of Object.entries(subgraphs)) {
      await mountSubgraph(app, { path: `/${name}`, schema, open, logger });
    }
    const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
    return {
      db,
      asked: { id: institution, endpoint, roles: ['HOSPITAL'], status: 'ACTIVE' },
      forgetPresentations: () =>
        db.transaction(async (tx) => void (await tx.execute('DELETE FROM presentation'))),
      anchor: (newRoot) => {
        anchored = newRoot;
      },
    };
  }

  const nodes = { riverside: await startNode(riverside), lakeshore: await startNode(lakeshore) };
  const institutions = Object.values(nodes).map(({ asked }) => asked);
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const gatewayKey = await importGatewayKey(await exportJWK(privateKey));
  const ask = createAskNodes({ institutions: () => institutions, gatewayKey, logger });
  const ids = () => institutions.map(({ id }) => id);
  const app = await createGateway({
    subgraphs: [
      { name: 'consent', schema: consentSubgraph(new NetworkConsents(ask, ids)) },
      { name: 'records', schema: recordsSubgraph(new NetworkRecords(ask)) },
    ],
    gatewayKey,
    logger,
    version: '0.0.0',
    tokenMaxSeconds: 600,
    statements: [],
    ledger: { chainId: 31_337, contract: '0x01', epoch: () => 1, late: () => [] },
    probe: async () => [],
    landing: async () => ({ document: '{ __typename }', headers: {} }),
  });
  stops.unshift(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = async () => {
    for (const end of stops) await end();
  };
  /** What a ledger says of the two, read by the wallet itself. */
  const ledger: LedgerAccounts = {
    ...LEDGER,
    accounts: async () => new Map(ids().map((id) => [id, addressAt(id)])),
  };
  return { nodes, url, ledger, thumbprint: gatewayKey.thumbprint, stop };
}
