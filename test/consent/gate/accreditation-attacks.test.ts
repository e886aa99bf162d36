import { afterAll, beforeAll, expect, test } from 'vitest';
import { issuerFieldsOf } from '../../../src/consent/base/issuer.js';
import { createGate, type Gate } from '../../../src/consent/gate/gate.js';
import { systemClock } from '../../../src/core/clock.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { readTopPath } from '../../../src/ledger/read/read.js';
import { type LedgerWatch, watchLedger } from '../../../src/ledger/watch/watch.js';
import type { LedgerAccount } from '../../../src/ledger/write/account.js';
import type { DatabaseServer } from '../../../src/store/database.js';
import { fieldOf, studyField } from '../../../src/zk/arithmetic/field.js';
import { loadProvingArtifacts, type ProvingArtifacts } from '../../../src/zk/artifacts.js';
import {
  type AccreditationFields,
  accreditationLeaf,
  type IssuerFields,
  requesterOf,
} from '../../../src/zk/leaf.js';
import { type ProvenStatement, proveAccreditation } from '../../../src/zk/prove.js';
import { periodOf } from '../../../src/zk/request.js';
import { SHARD_LEVELS, SparseTree } from '../../../src/zk/tree.js';
import { isKeyInForce, loadStatements, verifyStatements } from '../../../src/zk/verify/verify.js';
import { grantsOf } from '../../../src/zk/vocabulary.js';
import { asInput, KEYS, knowStudies, makeSession } from '../../support/consent/gate-fixture.js';
import { issuerOf } from '../../support/ledger/issuers.js';
import {
  at,
  decide,
  deployNetwork,
  newAccount,
  newDigest,
  rootOf,
  type SmallNetwork,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';
import { RIVERSIDE, STUDY } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

/**
 * Who holds an institution's anchoring account, or may accredit at it, against a real register, real
 * proofs and a real gate. Each proof takes seconds.
 */
const TIMEOUT_MS = 300_000;

/** The party that the institution in slot 0 may accredit for. */
const PARTY = 'party-0';
const OTHER_PARTY = 'party-1';
const INDEX = 3;
const SPONSORED = studyField('pilot', 'northwind-trials', STUDY);
const partnerGrants = Number(
  grantsOf({ roles: ['TRADING_PARTNER'], anyStudy: true, attestFacts: false }),
);

let chain: TestChain;
let server: DatabaseServer;
let network: SmallNetwork;
let watch: LedgerWatch;
let gate: Gate;
let artifacts: ProvingArtifacts;
let session: Awaited<ReturnType<typeof makeSession>>;

beforeAll(async () => {
  chain = await startChain();
  server = await openFreshPglite();
  const db = await server.open('riverside-hospital');
  await knowStudies(db);
  await loadStatements(KEYS);
  artifacts = await loadProvingArtifacts('accreditation', KEYS);
  session = await makeSession();
  network = await deployNetwork(chain.anvil, 2);
  watch = watchLedger(watched());
  for (const slot of [0, 1]) await rotate(slot);
  gate = createGate({
    db,
    institution: RIVERSIDE,
    verify: verifyStatements,
    isKeyInForce,
    clock: systemClock,
    feed: { requireComplete: () => undefined },
    snapshot: () => watch.current(),
  });
}, TIMEOUT_MS);
afterAll(async () => {
  watch?.stop();
  await chain?.end();
  await server?.close();
});

function watched() {
  const { contract, pins } = network.register;
  return { rpcUrls: [chain.anvil.url], rootOf, contract, pins, maxAgeMs: 600_000, pollMs: 60_000 };
}

function accountOf(slot: number): LedgerAccount {
  return at(network.accounts, slot);
}

/** A requester that names itself in a leaf of somebody's shard. */
function accredited(name: string, party = PARTY) {
  const now = BigInt(systemClock.nowSeconds());
  const g = fieldOf(name);
  const fields: AccreditationFields = {
    requester: requesterOf(g),
    roles: 2n,
    study: SPONSORED,
    party: fieldOf(party),
    validity: { from: now - 60n, until: now + 86_400n },
    salt: fieldOf(`salt of ${name}`),
  };
  const shard = new SparseTree(SHARD_LEVELS);
  shard.set(INDEX, accreditationLeaf(fields));
  return { g, fields, shard };
}
type Accredited = ReturnType<typeof accredited>;

async function anchor({ shard }: Accredited, account: LedgerAccount): Promise<void> {
  const sent = { account, shardRoot: shard.root, digest: newDigest(), acknowledgements: [] };
  await anchorShard(network.register, sent);
  await watch.refresh();
}

/** Gives an institution another account, as its governance would after a theft; the issuer stays. */
async function rotate(slot: number): Promise<LedgerAccount> {
  const renewed = newAccount();
  await chain.anvil.fund([renewed.address]);
  const issuer = issuerOf(slot, { grants: partnerGrants });
  await decide(network, { kind: 'ROTATE', slot, account: renewed.address, issuer });
  network = { ...network, accounts: network.accounts.with(slot, renewed) };
  await watch.refresh();
  return renewed;
}

/** An issuer as the ledger has it. */
function issuerNow(slot = 0): IssuerFields {
  return issuerFieldsOf(at(watch.latest().institutions, slot));
}

/** A proof under whatever network root the path from a slot leads to now. */
async function prove(
  { g, fields, shard }: Accredited,
  issuer: IssuerFields,
  slot = 0,
): Promise<ProvenStatement> {
  const { siblings: topSiblings } = await readTopPath(network.register, slot);
  const path = { shardSiblings: shard.path(INDEX), index: INDEX, topSiblings, slot };
  const asOf = BigInt(systemClock.nowSeconds());
  const target = { study: fields.study, party: fields.party, period: periodOf(asOf) };
  const asked = { role: 'TRADING_PARTNER' as const, ...target };
  const { field: holder } = session.holder;
  return proveAccreditation(
    { accreditation: fields, issuer, path, g, asked, asOf, holder },
    artifacts,
  );
}

async function present(proven: ProvenStatement, party = PARTY): Promise<readonly string[]> {
  const { accepted, refused } = await gate.presentAccreditation({
    role: 'TRADING_PARTNER',
    study: STUDY,
    party,
    holder: session.publicJwk,
    proofs: [asInput(proven)],
  });
  return accepted === 1 ? ['ACCEPTED'] : refused.map(({ code }) => code);
}

const opened = async () => (await gate.open(session)).partners.map(({ party }) => party);

test(
  'party-of-another: an issuer that may accredit trading partners names none but its own parties',
  async () => {
    const rightful = accredited('a wholesaler');
    await anchor(rightful, accountOf(0));
    expect(await present(await prove(rightful, issuerNow()))).toEqual(['ACCEPTED']);
    expect(await opened()).toEqual([PARTY]);

    const attacker = accredited('who would see what another ships', OTHER_PARTY);
    await anchor(attacker, accountOf(0));
    await expect(prove(attacker, issuerNow())).rejects.toMatchObject({
      code: 'WITNESS_UNSATISFIED',
      facts: { rule: 'RequireNoneOrListed' },
    });
    // With a list of its own the statement holds, but under no root that any register has.
    const invented = { ...issuerNow(), parties: [fieldOf(OTHER_PARTY)] };
    const forged = await prove(attacker, invented);
    expect(await present(forged, OTHER_PARTY)).toEqual(['ROOT_UNKNOWN']);
    expect(await present(forged, PARTY)).toEqual(['ROOT_UNKNOWN']);
  },
  TIMEOUT_MS,
);

test(
  'rotate-keeps-root: what a thief of the anchoring account anchored ends with the rotation',
  async () => {
    const stolen = accountOf(0);
    const thief = accredited('a thief of the account');
    await anchor(thief, stolen);
    const before = issuerNow();
    const early = await prove(thief, before);
    expect(await present(early)).toEqual(['ACCEPTED']);
    expect(await opened()).toContain(PARTY);

    const renewed = await rotate(0);
    expect(await opened()).toEqual([]);
    expect(await present(early)).toEqual(['ROOT_UNKNOWN']);
    for (const known of [before, issuerNow()]) {
      expect(await present(await prove(thief, known))).toEqual(['ROOT_UNKNOWN']);
    }
    await expect(anchor(thief, stolen)).rejects.toMatchObject({
      code: 'LEDGER_REFUSED',
      facts: { error: 'AccountUnknown' },
    });

    // The issuer's key is the same as before, but not its term: the rightful one has to prove again.
    const rightful = accredited('the pharmacist');
    await anchor(rightful, renewed);
    const now = issuerNow();
    expect(now).toEqual({ ...before, term: before.term + 1n });
    expect(await present(await prove(rightful, before))).toEqual(['ROOT_UNKNOWN']);
    expect(await present(await prove(rightful, now))).toEqual(['ACCEPTED']);
    expect(await present(early)).toEqual(['ROOT_UNKNOWN']);
    expect(await opened()).toEqual([PARTY]);
  },
  TIMEOUT_MS,
);

test(
  'rotate-keeps-root: a presentation ends with its epoch, though its root becomes current again',
  async () => {
    const another = accredited('accredited by the other institution', OTHER_PARTY);
    await anchor(another, accountOf(1));
    await rotate(0);
    const { root, epoch } = watch.current();
    const proven = await prove(another, issuerNow(1), 1);
    expect(await present(proven, OTHER_PARTY)).toEqual(['ACCEPTED']);
    expect(await opened()).toEqual([OTHER_PARTY]);

    await anchor(accredited('anybody'), accountOf(0));
    await rotate(0);
    const again = watch.current();
    expect(again.root).toBe(root);
    const when = { nowSeconds: systemClock.nowSeconds(), statement: 'accreditation' } as const;
    expect(again.acceptsRoot({ root, epoch }, when)).toBe('UNKNOWN');
    expect(await opened()).toEqual([]);
    // What the proof says is true again: shown now, it is judged by the epoch of now.
    expect(await present(proven, OTHER_PARTY)).toEqual(['ACCEPTED']);
    expect(await opened()).toEqual([OTHER_PARTY]);
  },
  TIMEOUT_MS,
);
