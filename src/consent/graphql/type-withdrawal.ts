import type { Builder } from '../../graph/builder.js';
import { PSEUDONYM } from '../../graph/words.js';
import { SHARD_LEVELS, TOP_LEVELS } from '../../zk/tree.js';
import type { PuzzleInput, ShownConsentInput } from '../base/model.js';
import { HANDLE, LEAF_INDEX, POLICY, REQUESTER, SERIAL } from './elements.js';

const SINCE_1900 = 'Seconds since 1900.';

/** Adds what shows that withdrawal secrets belong to registered consents, or what is paid instead. */
export function addWithdrawalInputs<Opened>(builder: Builder<Opened>) {
  const ShownRef = builder.inputRef<ShownConsentInput>('ShownConsentInput').implement({
    description: 'A registered consent opened: the elements of its leaf, and the path of the leaf.',
    fields: (t) => {
      const element = (description: string) =>
        t.field({ type: 'Field', required: true, description });
      return {
        pseudonym: element(PSEUDONYM),
        requester: element(REQUESTER),
        study: element('The study, as a hash.'),
        institution: element('The one custodian that may release, as a hash; 0: any.'),
        scope: element('Purposes, data classes and labels, a bit each: 96 bits.'),
        duties: element('Duties, a bit each: 32 bits.'),
        validFrom: element(`The first second that it may be used. ${SINCE_1900}`),
        validUntil: element(`The first second that it may no longer be used. ${SINCE_1900}`),
        windowFrom: element(`The first second that records may have. ${SINCE_1900}`),
        windowUntil: element(`The first second that they may no longer have. ${SINCE_1900}`),
        policy: element(POLICY),
        serial: element(SERIAL),
        handle: element(HANDLE),
        salt: element('Random, so that nobody can guess the consent from its leaf.'),
        index: t.int({ required: true, description: LEAF_INDEX }),
        shardSiblings: t.field({
          type: ['Field'],
          required: true,
          description: `The ${SHARD_LEVELS} siblings from the leaf to its shard's root.`,
        }),
        issuerLeaf: element("The institution's own leaf, hashed with its shard's root."),
        slot: t.int({
          required: true,
          description: "The institution's place on the ledger, from 0.",
        }),
        topSiblings: t.field({
          type: ['Field'],
          required: true,
          description: `The ${TOP_LEVELS} siblings from the institution to the network root.`,
        }),
      };
    },
  });
  const PuzzleRef = builder.inputRef<PuzzleInput>('PuzzleInput').implement({
    description: 'A nonce that took many hashes to find, for these secrets and this institution.',
    fields: (t) => ({
      at: t.field({
        type: 'Field',
        required: true,
        description: `When the work began. ${SINCE_1900}`,
      }),
      nonce: t.field({ type: 'Field', required: true, description: 'What was found.' }),
    }),
  });
  return { ShownRef, PuzzleRef };
}
