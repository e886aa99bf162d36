import { BaseError, decodeErrorResult, type Hex, InsufficientFundsError } from 'viem';
import { DomainError } from '../../core/errors.js';
import { registerAbi } from './register-abi.js';

/**
 * What a failed call means: the contract's own refusal by the name of its Solidity error, an account that
 * cannot pay, or a ledger that does not answer. The thrown error itself is kept out: it carries call data and the URL.
 *
 * @param call - the contract's function, for the facts.
 */
export function toLedgerError(thrown: unknown, call: string): unknown {
  if (thrown instanceof DomainError || !(thrown instanceof BaseError)) return thrown;
  const revert = revertDataOf(thrown);
  if (revert !== undefined) {
    return new DomainError('LEDGER_REFUSED', { call, error: errorNameOf(revert) });
  }
  if (thrown.walk((cause) => cause instanceof InsufficientFundsError) !== null) {
    return new DomainError('ACCOUNT_UNFUNDED', { call });
  }
  return new DomainError('LEDGER_UNAVAILABLE', { call, error: innermostNameOf(thrown) });
}

function revertDataOf(error: BaseError): Hex | undefined {
  const found = error.walk((cause) => dataOf(cause) !== undefined);
  return found === null ? undefined : dataOf(found);
}

function dataOf(cause: unknown): Hex | undefined {
  if (typeof cause !== 'object' || cause === null || !('data' in cause)) return undefined;
  const { data } = cause;
  if (typeof data === 'string' && /^0x[0-9a-f]*$/i.test(data)) return data as Hex;
  return undefined;
}

function errorNameOf(data: Hex): string {
  try {
    return decodeErrorResult({ abi: registerAbi, data }).errorName;
  } catch {
    return 'Reverted';
  }
}

function innermostNameOf(error: BaseError): string {
  const innermost = error.walk();
  return innermost instanceof Error ? innermost.name : error.name;
}
