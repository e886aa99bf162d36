import { z } from 'zod';

const quantity = z.string().regex(/^0x[0-9a-f]+$/);
const stateForm = z.looseObject({
  accounts: z.record(z.string(), z.unknown()),
  blocks: z.array(
    z.looseObject({ header: z.looseObject({ number: quantity, timestamp: quantity }) }),
  ),
});

type Block = z.infer<typeof stateForm>['blocks'][number];

const KEPT_BLOCKS = 256;

/**
 * Drops every block from the state but the first and the newest ones.
 *
 * Each anvil begins with a block 0 of its own before it loads a state, and dumps that one too: a
 * state that was loaded several times has several blocks 0, and the next anvil takes any of them
 * for the genesis. The first is the oldest. The blocks between are of no use: everything that is
 * read is in the contract's storage.
 *
 * @throws if it is not the state of a chain.
 */
export function trimState(json: string): string {
  const state = stateForm.parse(JSON.parse(json));
  const [genesis, ...others] = state.blocks.toSorted(
    (a, b) => numberOf(a) - numberOf(b) || timestampOf(a) - timestampOf(b),
  );
  const later = others.filter((block) => numberOf(block) > 0);
  const blocks = genesis === undefined ? [] : [genesis, ...later.slice(-KEPT_BLOCKS)];
  return JSON.stringify({ ...state, blocks });
}

const numberOf = ({ header }: Block) => Number(header.number);
const timestampOf = ({ header }: Block) => Number(header.timestamp);
