import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnchor, checkRecord } from '../../../src/client/evidence/check.js';
import { recordsIn } from '../../../src/client/evidence/file.js';
import { anchorReader } from '../../../src/client/evidence/ledger.js';
import { appendEvidence } from '../../../src/consent/evidence/append.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import type { Bytes32 } from '../../../src/core/bytes32.js';
import {
  digestOf,
  type Evidence,
  type EvidenceProof,
  partsOf,
} from '../../../src/core/evidence/evidence.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { openAnchoredNetwork } from '../../support/consent/anchored-network.js';
import { at, deployNetwork } from '../../support/ledger/small-network.js';

type Network = Awaited<ReturnType<typeof openAnchoredNetwork>>;

const RECORD = {
  id: 'NCT90000001',
  title: 'A trial',
  phase: ['PHASE2'],
  sponsor: { id: 'institution-0' },
  epcs: ['urn:a', 'urn:b', 'urn:c'],
};
const OTHER: Bytes32 = `0x${'ab'.repeat(32)}`;

let network: Network;
let rpcUrl: string;
/** As institutions 0 and 1 proved the same record; both have anchored. */
let proven: readonly Evidence[];

beforeAll(async () => {
  network = await openAnchoredNetwork(3);
  rpcUrl = network.chain.anvil.url;
  const all: Evidence[] = [];
  for (const { feed, anchoring } of network.nodes.slice(0, 2)) {
    const parts = partsOf(RECORD, ['epcs']);
    const others = Array.from({ length: 9 }, (_, i) => partsOf({ id: `${i}` }));
    const leaves = await feed.db.transaction((tx) =>
      appendEvidence(tx, 'SUPPLY_EVENT', [...others, parts]),
    );
    await anchoring.anchorNow();
    const { db, institution } = feed;
    const prove = createProver({ db, institution, ledger: () => network.watch.current() });
    const shows = ({ value }: { value: unknown }) => value !== 'urn:c';
    const [evidence] = await prove([{ leaf: at(leaves, 9), parts, shows }]);
    if (!evidence) throw new Error('anchored');
    all.push(evidence);
  }
  proven = all;
});
afterAll(() => network.close());

const received = { ...RECORD, epcs: ['urn:b', 'urn:a'], custodian: { id: 'institution-0' } };
const honest = () => at(proven, 0);
const withProof = (change: Partial<EvidenceProof>): Evidence => ({
  ...honest(),
  proof: { ...honest().proof, ...change },
});
const refuses = (code: string, facts: object = {}) =>
  expect.objectContaining({ code, facts: expect.objectContaining(facts) });

describe('a record and its evidence, with any copy of the ledger', () => {
  test('hold, and the ledger says who anchored them and when', async () => {
    expect(checkRecord(received, honest())).toEqual({
      whole: ['id', 'title', 'phase', 'sponsor', 'custodian'],
      some: [{ field: 'epcs', shown: 2, of: 3 }],
      notShown: [],
    });
    const { contract } = network.register;
    const found = await checkAnchor(honest(), anchorReader(fetch, rpcUrl), { contract });
    expect(found.institution).toBe('institution-0');
    expect(Math.abs(found.unixSeconds - Date.now() / 1000)).toBeLessThan(600);
  });

  test('hold when anchors have followed', async () => {
    for (const { anchoring } of network.nodes) await anchoring.anchorNow();
    await expect(checkAnchor(honest(), anchorReader(fetch, rpcUrl))).resolves.toBeDefined();
  });

  test('hold for part of the record, as a client selected it, with the names that clients add', () => {
    const { title, sponsor } = RECORD;
    const selected = {
      __typename: 'Event',
      title,
      sponsor: { __typename: 'Institution', ...sponsor },
    };
    expect(checkRecord(selected, honest())).toEqual({
      whole: ['title', 'sponsor'],
      some: [],
      notShown: ['epcs', 'id', 'phase'],
    });
  });
});

describe('no forgery passes:', () => {
  test.each<[string, object]>([
    ['title', { title: 'Another trial' }],
    ['phase', { phase: ['PHASE2', 'PHASE3'] }],
    ['phase', { phase: [] }],
    ['sponsor', { sponsor: { id: 'institution-1' } }],
    ['sponsor', { sponsor: { ...RECORD.sponsor, name: 'Not logged' } }],
    ['sponsor', { sponsor: null }],
    ['epcs', { epcs: ['urn:a', 'urn:z'] }],
    ['epcs', { epcs: ['urn:c'] }],
    ['epcs', { epcs: 'urn:a' }],
    ['more', { more: 'a field that nobody logged' }],
    ['alias', { alias: RECORD.title }],
    ['custodian', { custodian: { id: 'institution-1' } }],
    ['custodian', { custodian: { id: 'institution-0', name: 'Not logged' } }],
  ])('another %s', (field, change) => {
    expect(() => checkRecord({ ...received, ...change }, honest())).toThrow(
      refuses('EVIDENCE_RECORD_MISMATCH', { field }),
    );
  });

  test('a record that says nothing', () => {
    expect(() => checkRecord({ __typename: 'Event' }, honest())).toThrow(
      refuses('EVIDENCE_RECORD_MISMATCH'),
    );
  });

  test("another record's evidence with its hashes made to fit", () => {
    const { parts } = honest().proof;
    // The outline must hold before anything else, so it is another part that is forged.
    const shown = parts.shown.map((part) => (part.name === 'id' ? { ...part, hash: OTHER } : part));
    const forged = { ...parts, shown };
    expect(() => checkRecord({ title: RECORD.title }, withProof({ parts: forged }))).toThrow(
      refuses('EVIDENCE_RECORD_MISMATCH', { field: '(leaf)' }),
    );
  });

  test('another salt', () => {
    const { parts } = honest().proof;
    const shown = parts.shown.map((part) => ({ ...part, salt: OTHER }));
    expect(() => checkRecord(received, withProof({ parts: { ...parts, shown } }))).toThrow(
      refuses('EVIDENCE_RECORD_MISMATCH'),
    );
  });

  test('another kind of entry', () => {
    expect(() => checkRecord(received, withProof({ kind: 'CLAIM' }))).toThrow(
      refuses('EVIDENCE_RECORD_MISMATCH', { field: '(leaf)' }),
    );
  });

  test('another index, another size, a path cut short or made longer, another head', () => {
    const { inclusion } = honest().proof;
    const changes: Partial<EvidenceProof>[] = [
      { inclusion: { ...inclusion, index: inclusion.index - 1 } },
      { inclusion: { ...inclusion, index: inclusion.size } },
      { inclusion: { ...inclusion, size: inclusion.size + 1 } },
      { inclusion: { ...inclusion, path: inclusion.path.slice(1) } },
      { inclusion: { ...inclusion, path: inclusion.path.slice(0, -1) } },
      { inclusion: { ...inclusion, path: [...inclusion.path, OTHER] } },
      { headSalt: OTHER },
      { digest: { ...honest().proof.digest, evidenceHead: OTHER } },
    ];
    for (const change of changes) {
      expect(() => checkRecord(received, withProof(change))).toThrow(
        refuses('EVIDENCE_PATH_INVALID'),
      );
    }
  });

  test('heads that the digest does not commit to', () => {
    const { digest } = honest().proof;
    for (const change of [{ pad: OTHER }, { feedHead: OTHER }, { disclosureHead: OTHER }]) {
      expect(() => checkRecord(received, withProof({ digest: { ...digest, ...change } }))).toThrow(
        refuses('EVIDENCE_DIGEST_MISMATCH'),
      );
    }
  });
});

describe('no ledger is misread:', () => {
  const reader = () => anchorReader(fetch, rpcUrl);
  const underAnchor = (change: Partial<Evidence['anchor']>): Evidence => ({
    ...honest(),
    anchor: { ...honest().anchor, ...change },
  });

  test('a digest that was never anchored', async () => {
    const digest = digestOf({ ...honest().proof.digest, pad: OTHER });
    await expect(checkAnchor(underAnchor({ digest }), reader())).rejects.toThrow(
      refuses('EVIDENCE_NOT_ANCHORED', { institution: 'institution-0' }),
    );
  });

  test('an anchor of another epoch, and one that is to come', async () => {
    for (const epoch of [honest().anchor.epoch + 1, 1_000_000]) {
      await expect(checkAnchor(underAnchor({ epoch }), reader())).rejects.toThrow(
        refuses('EVIDENCE_NOT_ANCHORED'),
      );
    }
  });

  test("another institution's anchor, under either's name", async () => {
    const { slot, epoch, digest } = at(proven, 1).anchor;
    await expect(checkAnchor(underAnchor({ slot }), reader())).rejects.toThrow(
      refuses('EVIDENCE_NOT_ANCHORED'),
    );
    await expect(checkAnchor(underAnchor({ slot, epoch, digest }), reader())).rejects.toThrow(
      refuses('EVIDENCE_NOT_ANCHORED', { anchoredBy: 'institution-1' }),
    );
  });

  test('another chain', async () => {
    await expect(checkAnchor(underAnchor({ chainId: 1 }), reader())).rejects.toThrow(
      refuses('LEDGER_MISMATCH', { pin: 'chainId' }),
    );
  });

  test("a register that the forger deployed, and a contract's address without a register", async () => {
    const { register, accounts } = await deployNetwork(network.chain.anvil, 1);
    const madeFor = { contract: register.contract.toLowerCase(), slot: 0, round: 0 };
    const preimage = { ...honest().proof.digest, ...madeFor };
    const digest = digestOf(preimage);
    const account = at(accounts, 0);
    const forged = { account, shardRoot: 1n, digest, acknowledgements: [] };
    const { epoch } = await anchorShard(register, forged);
    const { anchor } = underAnchor({ contract: register.contract, epoch, slot: 0, digest });
    const elsewhere = { ...withProof({ digest: preimage }), anchor };
    // Whoever does not know the network's register has only the file's word for it.
    await expect(checkAnchor(elsewhere, reader())).resolves.toBeDefined();
    const { contract } = network.register;
    await expect(checkAnchor(elsewhere, reader(), { contract })).rejects.toThrow(
      refuses('LEDGER_MISMATCH', { pin: 'contract' }),
    );
    const nowhere = underAnchor({ contract: `0x${'9'.repeat(40)}` });
    await expect(checkAnchor(nowhere, reader())).rejects.toThrow(refuses('EVIDENCE_NOT_ANCHORED'));
  });

  test('a ledger that does not answer, or answers no JSON-RPC', async () => {
    const silent = anchorReader(fetch, 'http://127.0.0.1:9');
    await expect(checkAnchor(honest(), silent)).rejects.toThrow(refuses('LEDGER_UNAVAILABLE'));
  });
});

describe('a document', () => {
  const wire = () => {
    const { institution, ...anchor } = honest().anchor;
    return JSON.parse(
      JSON.stringify({ ...honest(), anchor: { ...anchor, institution: { id: institution } } }),
    );
  };

  test('may be a record with its evidence inside, both apart, or an answer that holds some', () => {
    const within = { ...RECORD, evidence: wire() };
    const answer = { data: { trial: within, other: { events: [within, { ...RECORD }] } } };
    expect(recordsIn(within)).toMatchObject([{ path: '', record: RECORD }]);
    expect(recordsIn({ record: RECORD, evidence: wire() })).toMatchObject([{ record: RECORD }]);
    expect(recordsIn(answer).map(({ path }) => path)).toEqual([
      'data.trial',
      'data.other.events.0',
    ]);
    expect(recordsIn(within)[0]?.evidence).toEqual(honest());
  });

  test('names a record whose evidence is null, because it must not pass unseen', () => {
    expect(recordsIn({ ...RECORD, evidence: null })).toMatchObject([{ evidence: undefined }]);
  });

  test.each<[string, () => unknown]>([
    ['nothing', () => ({ data: { trial: null } })],
    ['no object', () => 7],
    ['evidence of another form', () => ({ evidence: { ...wire(), proof: { form: 'other' } } })],
    ['evidence without its leaf', () => ({ evidence: { ...wire(), leaf: undefined } })],
    ['a hash in capitals', () => ({ evidence: { ...wire(), leaf: wire().leaf.toUpperCase() } })],
  ])('with %s is refused', (_what, document) => {
    expect(() => recordsIn(document())).toThrow(refuses('EVIDENCE_MALFORMED'));
  });
});
