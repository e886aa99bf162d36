import { type Clock, systemClock } from '../core/clock.js';
import type { InstitutionId } from '../core/ids.js';
import { answerBytes } from '../graph/answer-size.js';
import type { Answer, AskNodes, Question, RequestOrigin, SourceState } from '../graph/ask.js';
import type { Lot, Pack, Trace, Verification } from './model.js';
import { traceNetwork } from './network-trace.js';
import { SUPPLY_ROLES } from './roles.js';
import type { LotKey, SupplySource, TraceItem, TraceOptions } from './source.js';
import { verdictOf } from './verdict.js';
import { LOTS, lotsAnswer, toLot, VERIFY, VerifyAnswer } from './wire.js';

/** What the nodes of manufacturers and pharmacies know, merged. */
export class NetworkSupply implements SupplySource<RequestOrigin> {
  readonly #nodes: AskNodes;
  readonly #clock: Clock;

  constructor(nodes: AskNodes, clock: Clock = systemClock) {
    this.#nodes = nodes;
    this.#clock = clock;
  }

  /** Asks only manufacturers: they alone can confirm what is printed on a pack. */
  async verify(requester: RequestOrigin, pack: Pack): Promise<Verification> {
    const answers = await this.#nodes.ask(requester, {
      subgraph: 'supply',
      maxBytes: answerBytes(0, 0),
      needsToken: false,
      document: VERIFY,
      variables: { ...pack },
      of: { roles: ['MANUFACTURER'] },
      parse: (data) => VerifyAnswer.parse(data).verifyProduct,
    });
    return {
      ...verdictOf(answers.map(({ data }) => data)),
      respondedAtMs: this.#clock.nowMs(),
      sources: answers.map(toState),
    };
  }

  trace(requester: RequestOrigin, item: TraceItem, options: TraceOptions): Promise<Trace | null> {
    return traceNetwork(this.#nodes, requester, item, options);
  }

  async lots(requester: RequestOrigin, keys: readonly LotKey[]): Promise<readonly Lot[]> {
    const answers = await this.#nodes.ask(requester, toLotsQuestion(keys));
    return keys.map((key, i) => mergeLots(key, answers, i));
  }
}

function toState({ institution, status, latencyMs }: SourceState): SourceState {
  return { institution, status, latencyMs };
}

/** Size of one lot, held by dozens of institutions. */
const LOT_BYTES = 8 * 1024;

type KnownLot = Omit<Lot, 'sources'>;

function toLotsQuestion(keys: readonly LotKey[]): Question<readonly KnownLot[]> {
  return {
    subgraph: 'supply',
    maxBytes: answerBytes(keys.length, LOT_BYTES),
    needsToken: false,
    document: LOTS,
    variables: { representations: keys.map((key) => ({ __typename: 'Lot', ...key })) },
    of: { roles: SUPPLY_ROLES },
    parse: (data, institution) => {
      const rows = lotsAnswer(keys.length).parse(data)._entities;
      return rows.map((row, i) => {
        const key = keys[i];
        if (row.gtin !== key?.gtin || row.lot !== key.lot) throw new Error('another lot');
        return toLot(row, institution);
      });
    },
  };
}

/**
 * Merges the answers about a lot: each value from the first source that has it, and all holders.
 */
function mergeLots(
  key: LotKey,
  answers: readonly Answer<readonly KnownLot[]>[],
  place: number,
): Lot {
  const known = answers.flatMap(({ data }) => data?.[place] ?? []);
  const holders = new Set<InstitutionId>(known.flatMap((one) => one.holders));
  return {
    ...key,
    expiry: firstOf(known, ({ expiry }) => expiry),
    product: firstOf(known, ({ product }) => product),
    recall: firstOf(known, ({ recall }) => recall),
    holders: [...holders].sort(),
    sources: answers.map(toState),
  };
}

function firstOf<Value>(
  known: readonly KnownLot[],
  read: (lot: KnownLot) => Value | null,
): Value | null {
  for (const one of known) {
    const value = read(one);
    if (value !== null) return value;
  }
  return null;
}
