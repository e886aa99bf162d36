import { DomainError } from '../../core/errors.js';
import type { Ledger } from '../rpc/connection.js';

/** The fee that a transaction offers, in wei per unit of gas. */
export interface Fee {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const WEI_PER_GWEI = 10n ** 9n;

/**
 * A fee that is enough for one of the next blocks, even if six in a row raise the base fee by the
 * maximum.
 *
 * @throws DomainError FEE_ABOVE_LIMIT if not even the base fee is within the limit.
 */
export async function quoteFee({ client }: Ledger, limitGwei: number): Promise<Fee> {
  const [{ baseFeePerGas }, tip] = await Promise.all([
    client.getBlock(),
    client.estimateMaxPriorityFeePerGas(),
  ]);
  const baseFee = baseFeePerGas ?? 0n;
  if (baseFee > BigInt(limitGwei) * WEI_PER_GWEI) throw aboveLimit(baseFee, limitGwei);
  return feeWithin(limitGwei, { maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip });
}

/**
 * The lowest fee that replaces a transaction in every node's pool: 12.5 % more, both of the fee and
 * of the tip.
 *
 * @source txpool.pricebump of go-ethereum is 10 %, OpenEthereum asked 12.5 %
 */
export function raiseFee({ maxFeePerGas, maxPriorityFeePerGas }: Fee): Fee {
  return {
    maxFeePerGas: raised(maxFeePerGas),
    maxPriorityFeePerGas: raised(maxPriorityFeePerGas),
  };
}

export function higherFee(one: Fee, other: Fee): Fee {
  return {
    maxFeePerGas: higher(one.maxFeePerGas, other.maxFeePerGas),
    maxPriorityFeePerGas: higher(one.maxPriorityFeePerGas, other.maxPriorityFeePerGas),
  };
}

/** The same, capped at the limit. */
export function feeWithin(limitGwei: number, fee: Fee): Fee {
  const limit = BigInt(limitGwei) * WEI_PER_GWEI;
  const maxFeePerGas = fee.maxFeePerGas < limit ? fee.maxFeePerGas : limit;
  const { maxPriorityFeePerGas: tip } = fee;
  return { maxFeePerGas, maxPriorityFeePerGas: tip < maxFeePerGas ? tip : maxFeePerGas };
}

export function isWithin(limitGwei: number, { maxFeePerGas }: Fee): boolean {
  return maxFeePerGas <= BigInt(limitGwei) * WEI_PER_GWEI;
}

/** @throws DomainError FEE_ABOVE_LIMIT */
export function requireWithin(limitGwei: number, fee: Fee): Fee {
  if (!isWithin(limitGwei, fee)) throw aboveLimit(fee.maxFeePerGas, limitGwei);
  return fee;
}

function aboveLimit(fee: bigint, limitGwei: number): DomainError {
  const feeGwei = Number((fee + WEI_PER_GWEI - 1n) / WEI_PER_GWEI);
  return new DomainError('FEE_ABOVE_LIMIT', { feeGwei, limitGwei });
}

/** An eighth more, rounded up so that 0 is raised too. */
function raised(wei: bigint): bigint {
  return wei + wei / 8n + 1n;
}

function higher(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
