import type { Builder } from '../../graph/builder.js';
import { NULL_BESIDE_ERROR } from '../../graph/words.js';
import type { ConsentSource } from '../answers/consent-source.js';
import { ACTS } from './elements.js';
import type { addWalletInputs } from './type-input.js';
import type { addWalletResults } from './type-outcome.js';
import { NONCE } from './type-signed-answer.js';

const CONSENT = 'The consent, signed by its study key.';

type WalletInputs<Opened> = ReturnType<typeof addWalletInputs<Opened>>;
type WalletResults<Opened> = ReturnType<typeof addWalletResults<Opened>>;

/**
 * Adds what a wallet has one institution do. Each field is null only with an error: while the
 * institution is silent, nobody knows whether it acted.
 */
export function addWalletMutations<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  inputs: WalletInputs<Opened>,
  results: WalletResults<Opened>,
): void {
  addSigning(builder, source, inputs, results);
  addEnding(builder, source, inputs, results);
}

/** Registers consents, new ones and those that replace others. */
function addSigning<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  inputs: WalletInputs<Opened>,
  results: WalletResults<Opened>,
): void {
  builder.mutationFields((t) => ({
    registerConsent: t.field({
      type: results.RegisterResult,
      nullable: true,
      description:
        "Registers a signed consent. No login: the study key's signature is the proof. " +
        NULL_BESIDE_ERROR,
      args: {
        institution: t.arg.id({ required: true, description: ACTS }),
        consent: t.arg({ type: inputs.ConsentRef, required: true, description: CONSENT }),
        nonce: t.arg.string({ description: NONCE }),
      },
      resolve: (_root, { institution, consent, nonce }, { opened }) =>
        source.registerConsent(opened, institution, consent, nonce ?? null),
    }),
    amendConsent: t.field({
      type: results.RegisterResult,
      nullable: true,
      description:
        'Registers a signed consent and withdraws those that it replaces: both, or neither. ' +
        NULL_BESIDE_ERROR,
      args: {
        institution: t.arg.id({ required: true, description: ACTS }),
        consent: t.arg({ type: inputs.ConsentRef, required: true, description: CONSENT }),
        nonce: t.arg.string({ description: NONCE }),
        supersededSecrets: t.arg({
          type: ['Field'],
          required: true,
          description:
            'The withdrawal secrets, 1,000 at most, of all consents that were signed before for this ' +
            'requester and purpose.',
        }),
      },
      resolve: (_root, { institution, consent, supersededSecrets, nonce }, { opened }) =>
        source.amendConsent(opened, institution, consent, supersededSecrets, nonce ?? null),
    }),
  }));
}

/** Erases consents, and links the key that signs them. */
function addEnding<Opened>(
  builder: Builder<Opened>,
  source: ConsentSource<Opened>,
  inputs: WalletInputs<Opened>,
  results: WalletResults<Opened>,
): void {
  builder.mutationFields((t) => ({
    eraseConsents: t.field({
      type: results.EraseResult,
      nullable: true,
      description:
        'Withdraws consents everywhere and deletes what this institution has of them. ' +
        NULL_BESIDE_ERROR,
      args: {
        institution: t.arg.id({ required: true, description: ACTS }),
        erasure: t.arg({
          type: inputs.ErasureRef,
          required: true,
          description: 'Which consents, signed by their study key.',
        }),
        nonce: t.arg.string({ description: NONCE }),
      },
      resolve: (_root, { institution, erasure, nonce }, { opened }) =>
        source.eraseConsents(opened, institution, erasure, nonce ?? null),
    }),
    linkParticipant: t.field({
      type: results.LinkResult,
      nullable: true,
      description:
        "Answers the one-time code that an institution showed in a patient's session. " +
        NULL_BESIDE_ERROR,
      args: {
        institution: t.arg.id({ required: true, description: ACTS }),
        link: t.arg({
          type: inputs.LinkRef,
          required: true,
          description: 'The answer, signed by the study key.',
        }),
        nonce: t.arg.string({ description: NONCE }),
      },
      resolve: (_root, { institution, link, nonce }, { opened }) =>
        source.linkParticipant(opened, institution, link, nonce ?? null),
    }),
  }));
}
