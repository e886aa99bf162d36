import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { acknowledge } from '../../../src/consent/anchoring/acknowledge.js';
import { createAnchoring } from '../../../src/consent/anchoring/anchoring.js';
import { anchorShard } from '../../../src/ledger/governance/register-client.js';
import { openAnchoredNetwork, QUORUM } from '../../support/consent/anchored-network.js';
import { TWINS } from '../../support/ledger/signature-twins.js';
import { at, silentLog } from '../../support/ledger/small-network.js';

let network: Awaited<ReturnType<typeof openAnchoredNetwork>>;
beforeAll(async () => {
  network = await openAnchoredNetwork(5);
});
afterAll(() => network.close());
beforeEach(() => network.lies.clear());

const node = (slot: number) => at(network.nodes, slot);

/** Lets a peer answer with its own genuine acknowledgement, changed as anybody can change it. */
function answersWith(slot: number, twin: (signature: string) => string): void {
  const { feed, institution } = node(slot);
  network.lies.set(institution, async (request) => {
    const answer = await acknowledge(feed, JSON.parse(JSON.stringify(request)));
    return 'signature' in answer ? { signature: twin(answer.signature) } : answer;
  });
}

/** Node 0's anchoring, and whom its log names. */
function anchoringOf() {
  const { feed, account } = node(0);
  const named: unknown[] = [];
  const sent: (readonly string[])[] = [];
  const log = Object.assign(Object.create(silentLog), {
    warn: (facts: { institution?: string }) => named.push(facts.institution),
  });
  const anchoring = createAnchoring({
    feed,
    peers: network.peers,
    quorum: () => QUORUM,
    cadenceMs: 1_000,
    log,
    anchorOnLedger: async (anchor) => {
      sent.push(anchor.acknowledgements);
      const acknowledgements = anchor.acknowledgements as readonly `0x${string}`[];
      const taken = await anchorShard(network.register, { ...anchor, account, acknowledgements });
      await network.watch.refresh();
      return taken;
    },
  });
  return { anchoring, named, sent };
}

test.each(Object.entries(TWINS))(
  'acknowledgement-malleable: one peer that answers with %s fails no anchor, and is named',
  async (_, twin) => {
    answersWith(1, twin);
    const { anchoring, named, sent } = anchoringOf();
    // Which peers are asked is random: the one is asked sooner or later.
    for (let tries = 0; named.length === 0; tries += 1) {
      expect(tries).toBeLessThan(60);
      await anchoring.anchorNow();
    }
    expect(new Set(named)).toEqual(new Set([node(1).institution]));
    expect(new Set(sent.map(({ length }) => length))).toEqual(new Set([QUORUM]));
  },
);

test('acknowledgement-malleable: two such peers of four fail none either', async () => {
  answersWith(1, at(Object.values(TWINS), 0));
  answersWith(2, at(Object.values(TWINS), 1));
  const { anchoring } = anchoringOf();
  for (let interval = 0; interval < 3; interval += 1) await anchoring.anchorNow();
});

test('acknowledgement-malleable: a slow peer holds up nothing where another can be asked', async () => {
  network.lies.set(node(1).institution, () => new Promise(() => undefined));
  const { anchoring, sent } = anchoringOf();
  for (let interval = 0; interval < 4; interval += 1) await anchoring.anchorNow();
  expect(sent).toHaveLength(4);
});
