import { measure } from './load.js';
import type { Started } from './processes.js';
import { QUERIES } from './queries.js';

export const SIDES = ['ours', 'theirs'] as const;
export type Side = (typeof SIDES)[number];

/** One of the two gateways over some nodes: where it is asked, and every process that it needs beside nodes. */
export interface GatewaySide {
  readonly url: string;
  readonly processes: readonly Started<unknown>[];
}

/** Both gateways over the same nodes. */
export interface Pair extends Readonly<Record<Side, GatewaySide>> {
  readonly name: string;
}

/** What one side took for one query, over all rounds. */
interface Sum {
  readonly tookMs: number[];
  seconds: number;
  cpuMs: number;
  nodesCpuMs: number;
}

/** What one side takes: for one query, or for one answer to each of several. */
export interface Cost {
  /** Answers a second, with the nodes, the database and the client on the same machine. */
  readonly rate: number;
  /** Milliseconds of CPU that the gateway's processes use for an answer. */
  readonly cpuMs: number;
  /** And the nodes. */
  readonly nodesCpuMs: number;
}

/** Sums by pair, query and side. */
export class Rounds {
  readonly #sums = new Map<string, Sum>();

  constructor(
    private readonly setting: {
      readonly pairs: readonly Pair[];
      readonly nodes: readonly Started<unknown>[];
      readonly token: string;
      readonly connections: number;
      readonly seconds: number;
    },
  ) {}

  /** Asks every side every query for some seconds. What the machine does beside hits all of them alike. */
  async run(round: number): Promise<void> {
    for (const pair of this.setting.pairs) {
      for (const query of Object.keys(QUERIES)) {
        for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
          await this.#measure(pair, query, side);
        }
      }
    }
  }

  async #measure(pair: Pair, query: string, side: Side): Promise<void> {
    const { token, nodes, connections, seconds } = this.setting;
    const { url, processes } = pair[side];
    const before = [await cpuMsOf(processes), await cpuMsOf(nodes)] as const;
    const measured = await measure(url, token, [QUERIES[query] ?? ''], { connections, seconds });
    const sum = this.#sumOf(pair, query, side);
    for (const ms of measured.tookMs) sum.tookMs.push(ms);
    sum.seconds += measured.seconds;
    sum.cpuMs += (await cpuMsOf(processes)) - before[0];
    sum.nodesCpuMs += (await cpuMsOf(nodes)) - before[1];
  }

  costOf(pair: Pair, query: string, side: Side): Cost {
    const { tookMs, seconds, cpuMs, nodesCpuMs } = this.#sumOf(pair, query, side);
    const answers = tookMs.length;
    return { rate: answers / seconds, cpuMs: cpuMs / answers, nodesCpuMs: nodesCpuMs / answers };
  }

  /** Of a client that asks the queries in turn, as often each. */
  costInTurn(pair: Pair, side: Side): Cost {
    const costs = Object.keys(QUERIES).map((query) => this.costOf(pair, query, side));
    const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / costs.length;
    return {
      rate: 1 / meanOf(costs.map(({ rate }) => 1 / rate)),
      cpuMs: meanOf(costs.map(({ cpuMs }) => cpuMs)),
      nodesCpuMs: meanOf(costs.map(({ nodesCpuMs }) => nodesCpuMs)),
    };
  }

  /** Milliseconds within which that share of answers came, if the queries are asked as often each. */
  quantileOf(pair: Pair, side: Side, share: number): number {
    const weighted = Object.keys(QUERIES).flatMap((query) => {
      const { tookMs } = this.#sumOf(pair, query, side);
      return tookMs.map((ms) => ({ ms, weight: 1 / tookMs.length }));
    });
    weighted.sort((a, b) => a.ms - b.ms);
    let left = share * Object.keys(QUERIES).length;
    for (const { ms, weight } of weighted) {
      left -= weight;
      if (left <= 0) return ms;
    }
    return weighted.at(-1)?.ms ?? 0;
  }

  #sumOf(pair: Pair, query: string, side: Side): Sum {
    const name = `${pair.name} ${side} ${query}`;
    const sum = this.#sums.get(name) ?? { tookMs: [], seconds: 0, cpuMs: 0, nodesCpuMs: 0 };
    this.#sums.set(name, sum);
    return sum;
  }
}

async function cpuMsOf(processes: readonly Started<unknown>[]): Promise<number> {
  const each = await Promise.all(processes.map((one) => one.cpuMs()));
  return each.reduce((a, b) => a + b, 0);
}
