import { codeOf, DomainError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { toLedgerError } from '../contract/refusal.js';
import type { Register } from '../rpc/connection.js';
import { type Agreed, agreeOn, type EndpointAnswer, settleEnough } from './agreement.js';
import {
  type BlockHead,
  keyOfView,
  type LedgerView,
  type RootOf,
  readView,
  type ViewRequest,
} from './view.js';

export interface QuorumOptions {
  /** The same register, by each endpoint. */
  readonly endpoints: readonly Register[];
  /** How many endpoints must agree; at least 1. */
  readonly quorum: number;
  readonly rootOf: RootOf;
  readonly log?: Logger | undefined;
}

/** Reads a ledger through several endpoints and believes what enough of them agree on. */
export class QuorumReader {
  readonly #options: QuorumOptions;
  /** The fault last logged for each endpoint, by its place in the list. */
  readonly #wrong = new Map<number, string>();

  constructor(options: QuorumOptions) {
    this.#options = options;
  }

  /**
   * The newest block that enough endpoints have, with one hash.
   *
   * @throws DomainError LEDGER_MISMATCH for another chain; LEDGER_UNAVAILABLE; what a single endpoint throws.
   */
  async newestBlock(): Promise<BlockHead> {
    const { endpoints, quorum } = this.#options;
    const newest = await this.#ask(newestOf);
    const numbers = newest
      .flatMap((answer) => (answer?.status === 'fulfilled' ? [answer.value.number] : []))
      .sort((a, b) => (a < b ? 1 : -1));
    // An endpoint that is ahead, or claims to be, must not pick a block that the others lack.
    const number = numbers[quorum - 1];
    const isAt = ({ number: at }: BlockHead) => number === undefined || at === number;
    const heads = await Promise.all(
      newest.map(async (answer, i): Promise<EndpointAnswer<BlockHead>> => {
        if (answer?.status !== 'fulfilled' || isAt(answer.value)) return answer;
        if (number === undefined || answer.value.number < number) return undefined;
        const [at] = await settleEnough([blockOf(endpoints[i], number)], 1);
        return at;
      }),
    );
    return this.#agree(heads, ({ hash }) => hash).value;
  }

  /**
   * The register at a block, as enough endpoints show it.
   *
   * @throws as `newestBlock`; LEDGER_MISMATCH also if so many contradict themselves that too few are left.
   */
  async view(block: BlockHead, request: ViewRequest): Promise<LedgerView> {
    const { rootOf } = this.#options;
    const views = await this.#ask((register) => readView(register, block, request, rootOf));
    const { value, members } = this.#agree(views, keyOfView);
    for (const member of members) this.#wrong.delete(member);
    return value;
  }

  #ask<T>(read: (register: Register) => Promise<T>): Promise<readonly EndpointAnswer<T>[]> {
    const { endpoints, quorum } = this.#options;
    return settleEnough(endpoints.map(read), quorum);
  }

  #agree<T>(answers: readonly EndpointAnswer<T>[], keyOf: (value: T) => string): Agreed<T> {
    const { quorum } = this.#options;
    const agreed = agreeOn(answers, quorum, keyOf);
    for (const [i, answer] of answers.entries()) {
      if (!agreed.members.includes(i) && answer !== undefined) this.#tell(i, answer);
    }
    return agreed;
  }

  /**
   * Named by its place in the list, because a URL may hold a key. Logged once until it recovers or
   * fails in another way.
   */
  #tell(at: number, answer: PromiseSettledResult<unknown>): void {
    const thrown = answer.status === 'rejected' ? toLedgerError(answer.reason, 'view') : undefined;
    const wrong = thrown === undefined ? 'DISAGREES' : codeOf(thrown);
    if (this.#wrong.get(at) === wrong) return;
    this.#wrong.set(at, wrong);
    const facts = thrown instanceof DomainError ? thrown.facts : {};
    this.#options.log?.warn(
      { endpoint: at + 1, wrong, ...facts },
      'an endpoint of the ledger is left out',
    );
  }
}

async function newestOf({ ledger: { client }, pins }: Register): Promise<BlockHead> {
  const [chainId, block] = await Promise.all([client.getChainId(), client.getBlock()]);
  if (chainId !== pins.chainId) throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
  return block;
}

async function blockOf(register: Register | undefined, blockNumber: bigint): Promise<BlockHead> {
  if (register === undefined) throw new DomainError('LEDGER_UNAVAILABLE');
  return register.ledger.client.getBlock({ blockNumber });
}
