import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { ReceiptLedger } from '../../core/evidence/receipt.js';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { numberAt, signatureHash, textIn, tuplesOf, word, wordAt } from './abi-words.js';
import type { Fetch } from './exchange.js';
import type { Gateway } from './gateway.js';
import { jsonRpc, quantity, words } from './json-rpc.js';

/**
 * Where a wallet reads which account signs for an institution: never only from the gateway that it
 * asks.
 */
export interface LedgerAccounts extends ReceiptLedger {
  /**
   * The active institutions and the account of each, 0x and 40 lower-case digits.
   *
   * @throws DomainError LEDGER_UNAVAILABLE, LEDGER_MISMATCH, SOURCE_FAILED
   */
  accounts(): Promise<ReadonlyMap<InstitutionId, string>>;
}

/** @source contracts/IConsentRegister.sol */
const INSTITUTIONS = signatureHash('institutions(uint32,uint32)').slice(0, 8);
const PAGE = 128;
const SLOTS = 4_096;
const ACTIVE = 0;
/** Member indexes in `struct Institution`; a test compares them with the contract's ABI. */
export const MEMBER = { id: 0, account: 5, status: 8 } as const;

/**
 * Reads accounts over a JSON-RPC endpoint of the wallet's own choice.
 *
 * @param pins - the expected register; an endpoint of another chain is LEDGER_MISMATCH.
 */
export function accountsOnLedger(
  endpoint: { readonly fetch: Fetch; readonly rpcUrl: string },
  pins: ReceiptLedger,
): LedgerAccounts {
  const call = jsonRpc(endpoint.fetch, endpoint.rpcUrl);
  return {
    ...pins,
    async accounts() {
      const chainId = Number(await call('eth_chainId', [], quantity));
      if (chainId !== pins.chainId) throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
      const found = new Map<InstitutionId, string>();
      for (let from = 0; from < SLOTS; from += PAGE) {
        const data = `0x${INSTITUTIONS}${word(from)}${word(PAGE)}`;
        const page = await call('eth_call', [{ to: pins.contract, data }, 'latest'], words);
        const slots = slotsOf(page);
        for (const { id, account, status } of slots) {
          if (status === ACTIVE) found.set(id, account);
        }
        if (slots.length < PAGE) break;
      }
      return found;
    },
  };
}

/** @throws DomainError LEDGER_UNAVAILABLE for anything but a list of institutions. */
function slotsOf(page: string) {
  try {
    return tuplesOf(page).map((tuple) => ({
      id: toInstitutionId(textIn(page, tuple, MEMBER.id)),
      account: `0x${wordAt(page, tuple + MEMBER.account)
        .slice(-40)
        .toLowerCase()}`,
      status: numberAt(page, tuple + MEMBER.status),
    }));
  } catch (cause) {
    throw new DomainError('LEDGER_UNAVAILABLE', { method: 'institutions' }, cause);
  }
}

export const NETWORK = `query Accounts { network { chainId contract institutions { id account status } } }`;
const NetworkForm = z.object({
  chainId: z.int(),
  contract: z.string(),
  institutions: z.array(z.object({ id: z.string(), account: z.string(), status: z.string() })),
});

/**
 * Asks two or more gateways of different owners, and accepts only what all of them say.
 *
 * @throws DomainError BAD_INPUT for fewer than two, or for the same key twice.
 */
export function accountsOfGateways(
  gateways: readonly Gateway[],
  pins: ReceiptLedger,
): LedgerAccounts {
  const keys = new Set(gateways.map(({ thumbprint }) => thumbprint));
  if (keys.size < 2 || keys.size < gateways.length) {
    throw new DomainError('BAD_INPUT', { argument: 'gateways', least: 2 });
  }
  return {
    ...pins,
    async accounts() {
      const told = await Promise.all(gateways.map((gateway) => accountsAt(gateway, pins)));
      const [first = new Map<InstitutionId, string>(), ...others] = told;
      for (const other of others) {
        const ids = new Set([...first.keys(), ...other.keys()]);
        const differing = [...ids].find((id) => first.get(id) !== other.get(id));
        if (differing !== undefined) {
          throw new DomainError('LEDGER_MISMATCH', { pin: 'account', institution: differing });
        }
      }
      return first;
    },
  };
}

async function accountsAt(
  gateway: Gateway,
  pins: ReceiptLedger,
): Promise<ReadonlyMap<InstitutionId, string>> {
  const { data } = await gateway.send({ document: NETWORK });
  const parsed = NetworkForm.safeParse(data.network);
  if (!parsed.success) throw new DomainError('SOURCE_FAILED', { expected: 'network' });
  const { chainId, contract, institutions } = parsed.data;
  if (chainId !== pins.chainId) throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
  if (contract.toLowerCase() !== pins.contract.toLowerCase()) {
    throw new DomainError('LEDGER_MISMATCH', { pin: 'contract' });
  }
  const active = institutions.filter(({ status }) => status === 'ACTIVE');
  return new Map(active.map(({ id, account }) => [id as InstitutionId, account.toLowerCase()]));
}
