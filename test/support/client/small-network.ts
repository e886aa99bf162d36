import type { LedgerAccounts } from '../../../src/client/gateway/ledger-accounts.js';
import type { StrangerTerms } from '../../../src/consent/feed/stranger-terms.js';
import { addStudy } from '../../../src/consent/registration/study.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import {
  type InstitutionId,
  toInstitutionId,
  toPseudonym,
  toStudyId,
} from '../../../src/core/ids.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import type { Database } from '../../../src/store/database.js';
import { addressAt, LEDGER } from '../consent/gate-feed.js';
import { snapshotOf } from '../consent/gate-fixture.js';
import type { GatedNodeOptions } from '../gated-node.js';
import { LAKESHORE, RIVERSIDE } from '../names.js';
import { startNetwork } from '../network.js';
import { collection, observation, patient } from '../records/clinic.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { nowSeconds, studyName } from './sample.js';

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
  const anchored = new Map<InstitutionId, bigint>();
  const hospitals: GatedNodeOptions[] = [];
  for (const institution of [RIVERSIDE, LAKESHORE]) {
    const db = await server.open(institution);
    await admitAna(db, institution, pseudonym);
    const rootNow = () => anchored.get(institution) ?? root;
    hospitals.push({
      institution,
      db,
      ledger: () => snapshotOf({ root: rootNow(), anchoredAt: nowSeconds - 3_600 }),
      feed: { ...terms, acceptsRoot: (asked) => asked === rootNow() },
    });
  }
  const { nodes, url, gatewayKey, stop } = await startNetwork({ hospitals, server });
  const [riverside, lakeshore] = nodes.map(({ db, asked }): HospitalNode => {
    return {
      db,
      asked,
      forgetPresentations: () =>
        db.transaction(async (tx) => void (await tx.execute('DELETE FROM presentation'))),
      anchor: (newRoot) => void anchored.set(asked.id, newRoot),
    };
  });
  if (riverside === undefined || lakeshore === undefined) throw new Error('two hospitals');
  /** What a ledger says of the two, read by the wallet itself. */
  const ledger: LedgerAccounts = {
    ...LEDGER,
    accounts: async () => new Map(nodes.map(({ asked: { id } }) => [id, addressAt(id)])),
  };
  const { thumbprint } = gatewayKey;
  return { nodes: { riverside, lakeshore }, url, ledger, thumbprint, stop };
}

/** The patient, with one row, as a participant of the study. */
async function admitAna(db: Database, institution: InstitutionId, pseudonym: bigint) {
  await db.transaction(async (tx) => {
    const sponsor = toInstitutionId(studyName.sponsor);
    await addStudy(tx, { network: studyName.network, id: study, sponsor, title: 'A study' });
    const subject = { study, pseudonym: toPseudonym(String(pseudonym)), patientId: 'ana' };
    await tx.insert(researchSubject).values({ ...subject, linkedAt: 0 });
  });
  const bundle = collection(patient('ana'), observation(`at-${institution}`, 'ana'));
  await importBundle(db, bundle, { source: 'test' });
}
