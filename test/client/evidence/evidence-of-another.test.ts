import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnchor, checkRecord } from '../../../src/client/evidence/check.js';
import { anchorReader } from '../../../src/client/evidence/ledger.js';
import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { type Bytes32, digestOf } from '../../../src/consent/base/digest.js';
import { appendEvidence } from '../../../src/consent/evidence/append.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import { segmentHash } from '../../../src/consent/feed/segment.js';
import { segmentOf } from '../../../src/consent/feed/serve.js';
import { type Evidence, partsOf } from '../../../src/core/evidence/evidence.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';
import { at } from '../../support/ledger/small-network.js';

type Network = Awaited<ReturnType<typeof openAnchoredNetwork>>;

const RECORD = { id: 'NCT90000001', title: 'A trial' };

let network: Network;
/** As institution 0 logged, anchored and proved the record. */
let genuine: Evidence;

const node = (slot: number) => at(network.nodes, slot);
const listed = (slot: number) => at(network.watch.current().institutions, slot);
const refuses = (code: string, facts: object = {}) =>
  expect.objectContaining({ code, facts: expect.objectContaining(facts) });

beforeAll(async () => {
  network = await openAnchoredNetwork(4);
  const { feed, anchoring, institution } = node(0);
  const parts = partsOf(RECORD);
  const [leaf = null] = await feed.db.transaction((tx) => appendEvidence(tx, 'TRIAL', [parts]));
  await anchoring.anchorNow();
  const ledger = () => network.watch.current();
  const [evidence] = await createProver({ db: feed.db, institution, ledger })([{ leaf, parts }]);
  if (!evidence) throw new Error('anchored');
  genuine = evidence;
});
afterAll(() => network.close());

/** What the other institution asks its peers to acknowledge: a digest whose content it did not make. */
async function requestOver(slot: number, evidence: Evidence) {
  const { feed, institution } = node(slot);
  const own = await segmentOf(feed, institution, 0);
  if (own === undefined) throw new Error('no segment');
  const segment = { ...own, digests: [evidence.proof.digest] };
  const hash = segmentHash(feed.network, { ...segment, seq: segment.after });
  const signature = await feed.keys.sign(hash);
  const { anchors } = listed(slot);
  return {
    institution,
    anchors,
    digest: digestOf(evidence.proof.digest),
    segment: { ...segment, signature },
  };
}

/** Anchors it with the signatures of two who look at nothing. */
async function anchorWithColluders(slot: number, digest: Bytes32): Promise<Evidence['anchor']> {
  const { account, institution } = node(slot);
  const { anchors } = listed(slot);
  const colluders = [2, 3].map((other) =>
    node(other).feed.keys.acknowledge({ slot, anchors, digest }),
  );
  const acknowledgements = (await Promise.all(colluders)) as Bytes32[];
  await anchorShard(network.register, { account, shardRoot: 7n, digest, acknowledgements });
  const { chainId, contract, epoch } = await network.watch.refresh();
  return { institution, slot, epoch, chainId, contract, digest };
}

const verify = async (record: object, evidence: Evidence) => {
  checkRecord({ ...record }, evidence);
  return checkAnchor(evidence, anchorReader(fetch, network.chain.anvil.url));
};

describe('evidence-other-institution:', () => {
  test("evidence-other-institution: nobody acknowledges a digest made for another's anchor", async () => {
    const request = await requestOver(1, genuine);
    await expect(acknowledge(node(2).feed, request)).rejects.toThrow(
      refuses('SOURCE_FAILED', { check: 'digest anchor' }),
    );
  });

  test('evidence-other-institution: anchored with two colluders, it is refused for its slot', async () => {
    const anchor = await anchorWithColluders(1, genuine.anchor.digest);
    const asOwn = { ...RECORD, custodian: { id: anchor.institution } };
    await expect(verify(asOwn, { ...genuine, anchor })).rejects.toThrow(
      refuses('EVIDENCE_ANCHOR_MISMATCH', { field: 'slot' }),
    );
    const { institution } = genuine.anchor;
    const found = await verify({ ...RECORD, custodian: { id: institution } }, genuine);
    expect(found).toMatchObject({ institution, round: 0 });
  });

  test('evidence-other-institution: its own digest anchored again is refused for its round', async () => {
    const anchor = await anchorWithColluders(0, genuine.anchor.digest);
    await expect(verify(RECORD, { ...genuine, anchor })).rejects.toThrow(
      refuses('EVIDENCE_ANCHOR_MISMATCH', { field: 'round' }),
    );
  });
});
