import type { Builder } from '../graph/builder.js';
import type { PuzzleInput, ShownConsentInput } from './model.js';

/** Adds what shows that withdrawal secrets belong to registered consents, or what is paid instead. */
export function addWithdrawalInputs<Opened>(builder: Builder<Opened>) {
  const ShownRef = builder.inputRef<ShownConsentInput>('ShownConsentInput').implement({
    description: 'A registered consent opened: the elements of its leaf, and the path of the leaf.',
    fields: (t) => {
      const element = () => t.field({ type: 'Field', required: true });
      return {
        pseudonym: element(),
        requester: element(),
        study: element(),
        institution: element(),
        scope: element(),
        duties: element(),
        validFrom: element(),
        validUntil: element(),
        windowFrom: element(),
        windowUntil: element(),
        policy: element(),
        serial: element(),
        handle: element(),
        salt: element(),
        index: t.int({ required: true, description: 'Of the leaf in its shard.' }),
        shardSiblings: t.field({ type: ['Field'], required: true }),
        issuerLeaf: element(),
        slot: t.int({ required: true, description: 'Of the shard under the network root.' }),
        topSiblings: t.field({ type: ['Field'], required: true }),
      };
    },
  });
  const PuzzleRef = builder.inputRef<PuzzleInput>('PuzzleInput').implement({
    description: 'A nonce that took many hashes to find, for these secrets and this institution.',
    fields: (t) => ({
      at: t.field({ type: 'Field', required: true, description: 'Seconds since 1900.' }),
      nonce: t.field({ type: 'Field', required: true }),
    }),
  });
  return { ShownRef, PuzzleRef };
}
