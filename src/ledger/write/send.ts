import { createWalletClient, custom, type Hex, type TransactionReceipt } from 'viem';
import { DomainError } from '../../core/errors.js';
import { toLedgerError } from '../contract/refusal.js';
import { type Ledger, type Register, requirePinned } from '../rpc/connection.js';
import type { LedgerAccount } from './account.js';

const RECEIPT_TIMEOUT_MS = 30_000;

/**
 * The last write of each account, which the next one waits for: two at once would take the same
 * nonce.
 */
const lastWrite = new WeakMap<LedgerAccount, Promise<unknown>>();

/**
 * Sends one call of the register from an account and waits until a block holds it.
 *
 * The pins are checked first, and the call is simulated on the newest state before it is sent, so a
 * refusal costs nothing.
 *
 * @param data - the encoded call.
 * @param call - the contract's function, for the facts of a refusal.
 * @throws DomainError LEDGER_REFUSED with the name of the Solidity error, LEDGER_MISMATCH, LEDGER_UNAVAILABLE.
 */
export function sendToRegister(
  register: Register,
  account: LedgerAccount,
  data: Hex,
  call: string,
): Promise<TransactionReceipt> {
  return inTurn(account, async () => {
    try {
      await requirePinned(register);
      await register.ledger.client.call({ account: account.address, to: register.contract, data });
      return await send(register.ledger, account, { to: register.contract, data }, call);
    } catch (thrown) {
      throw toLedgerError(thrown, call);
    }
  });
}

/** Sends the creation code of a contract. @returns the receipt, whose contractAddress is set. */
export function sendCreation(
  ledger: Ledger,
  account: LedgerAccount,
  data: Hex,
): Promise<TransactionReceipt> {
  return inTurn(account, async () => {
    try {
      return await send(ledger, account, { to: null, data }, 'constructor');
    } catch (thrown) {
      throw toLedgerError(thrown, 'constructor');
    }
  });
}

async function send(
  { client }: Ledger,
  account: LedgerAccount,
  chainTransaction: { readonly to: Hex | null; readonly data: Hex },
  call: string,
): Promise<TransactionReceipt> {
  const { chain } = client;
  const wallet = createWalletClient({ account, chain, transport: custom(client) });
  const hash = await wallet.sendTransaction(chainTransaction);
  const receipt = await client.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS });
  if (receipt.status !== 'success')
    throw new DomainError('LEDGER_REFUSED', { call, error: 'Reverted' });
  return receipt;
}

/** Runs an account's writes one after the other. */
export function inTurn<T>(account: LedgerAccount, write: () => Promise<T>): Promise<T> {
  const turn = (lastWrite.get(account) ?? Promise.resolve()).then(write, write);
  lastWrite.set(account, turn);
  return turn;
}
