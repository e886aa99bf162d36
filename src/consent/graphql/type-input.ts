import type { Builder } from '../../graph/builder.js';
import { PERIOD } from '../../graph/period.js';
import { PUBLIC_SIGNALS } from '../../zk/statement.js';
import type {
  ErasureInput,
  LinkInput,
  PeriodInput,
  PointInput,
  PresentAccreditationInput,
  PresentConsentsInput,
  ProofInput,
  SignatureInput,
  SignedConsentInput,
} from '../base/model.js';
import {
  DATA_CLASSES,
  DATA_WINDOW,
  DUTIES,
  HANDLE,
  LABELS,
  POLICY,
  PURPOSES,
  REQUESTER,
  SERIAL,
  STUDY,
  STUDY_KEY,
  VALIDITY,
} from './elements.js';
import type { VocabularyEnums } from './type-vocabulary.js';

const HOLDER = 'The public P-256 key that will sign the tokens.';
const PROOFS = '1 to 1,000 proofs. Each is judged by itself. Any other number is an error.';

/** Adds what is sent to present proofs. */
export function addPresentationInputs<Opened>(
  builder: Builder<Opened>,
  enums: VocabularyEnums<Opened>,
) {
  const PeriodRef = addPeriodInput(builder);
  const ProofRef = addProofInput(builder);
  const ConsentsRef = addConsentsInput(builder, enums, { PeriodRef, ProofRef });
  const AccreditationRef = addAccreditationInput(builder, enums, ProofRef);
  return { PeriodRef, ConsentsRef, AccreditationRef };
}

type ProofInputRef<Opened> = ReturnType<typeof addProofInput<Opened>>;

function addProofInput<Opened>(builder: Builder<Opened>) {
  return builder.inputRef<ProofInput>('ProofInput').implement({
    description: 'One proof and the public signals that it proves, in order.',
    fields: (t) => ({
      proof: t.field({ type: 'Proof', required: true, description: 'The proof.' }),
      publicSignals: t.field({
        type: ['Field'],
        required: true,
        description: `Six: ${PUBLIC_SIGNALS.join(', ')}, in this order.`,
      }),
    }),
  });
}

function addConsentsInput<Opened>(
  builder: Builder<Opened>,
  { PurposeEnum, DataClassEnum, SensitivityEnum, DutyEnum }: VocabularyEnums<Opened>,
  parts: {
    readonly PeriodRef: PeriodInputRef<Opened>;
    readonly ProofRef: ProofInputRef<Opened>;
  },
) {
  const { PeriodRef, ProofRef } = parts;
  return builder.inputRef<PresentConsentsInput>('PresentConsents').implement({
    description: 'What 1 to 1,000 proofs of consent, all of one study, are shown for.',
    fields: (t) => ({
      study: t.id({ required: true, description: STUDY }),
      purpose: t.field({
        type: PurposeEnum,
        description: 'Exactly one. Absent: every proof is refused, PURPOSE_MISSING.',
      }),
      dataClasses: t.field({
        type: [DataClassEnum],
        required: true,
        description: 'What is to be opened: at least one, all of them granted.',
      }),
      labels: t.field({
        type: [SensitivityEnum],
        description: 'Labels that rows may bear, all of them granted. Absent: none.',
      }),
      duties: t.field({
        type: [DutyEnum],
        description:
          'Duties that the requester acknowledges: all that the grants name. Absent: none.',
      }),
      dataWindow: t.field({
        type: PeriodRef,
        required: true,
        description: 'Which dates rows may have, within what is granted.',
      }),
      institution: t.id({
        description: 'The one custodian to show it to. Absent: every one that the grants allow.',
      }),
      expires: t.field({
        type: 'DateTime',
        required: true,
        description: 'When it ends: at most 7 days after the proofs were made.',
      }),
      holder: t.field({ type: 'JWK', required: true, description: HOLDER }),
      proofs: t.field({ type: [ProofRef], required: true, description: PROOFS }),
    }),
  });
}

function addAccreditationInput<Opened>(
  builder: Builder<Opened>,
  { RoleEnum }: VocabularyEnums<Opened>,
  ProofRef: ProofInputRef<Opened>,
) {
  return builder.inputRef<PresentAccreditationInput>('PresentAccreditation').implement({
    description: 'What 1 to 1,000 proofs of accreditation are shown for.',
    fields: (t) => ({
      role: t.field({
        type: RoleEnum,
        description: 'Exactly one. Absent: every proof is refused, ROLE_UNKNOWN.',
      }),
      study: t.id({ description: 'The study. A RESEARCHER names one. Absent: any.' }),
      party: t.string({
        description:
          'The organisation, for example a GLN, 1 to 64 characters. Every role but RESEARCHER ' +
          'names one. Absent: none.',
      }),
      institution: t.id({
        description: 'Where to show it. Absent: at every active institution.',
      }),
      holder: t.field({ type: 'JWK', required: true, description: HOLDER }),
      proofs: t.field({ type: [ProofRef], required: true, description: PROOFS }),
    }),
  });
}

type PeriodInputRef<Opened> = ReturnType<typeof addPeriodInput<Opened>>;

function addPeriodInput<Opened>(builder: Builder<Opened>) {
  return builder.inputRef<PeriodInput>('PeriodInput').implement({
    description: PERIOD,
    fields: (t) => ({
      from: t.field({ type: 'DateTime', required: true, description: 'The first second of it.' }),
      until: t.field({
        type: 'DateTime',
        required: true,
        description: 'The first second after it.',
      }),
    }),
  });
}

/** Adds what the study key shows of itself. */
function addKeyInputs<Opened>(builder: Builder<Opened>) {
  const PointRef = builder.inputRef<PointInput>('PublicKeyInput').implement({
    description: 'An EdDSA key on Baby Jubjub: the study key.',
    fields: (t) => ({
      ax: t.field({ type: 'Field', required: true, description: 'x of the point.' }),
      ay: t.field({ type: 'Field', required: true, description: 'y of the point.' }),
    }),
  });
  const SignatureRef = builder.inputRef<SignatureInput>('SignatureInput').implement({
    description: 'EdDSA-Poseidon, by the study key.',
    fields: (t) => ({
      r8x: t.field({ type: 'Field', required: true, description: 'x of the point R8.' }),
      r8y: t.field({ type: 'Field', required: true, description: 'y of the point R8.' }),
      s: t.field({ type: 'Field', required: true, description: 'The scalar S.' }),
    }),
  });
  return { PointRef, SignatureRef };
}

/** Adds what a wallet sends: a signed consent, what to erase, and the answer to a one-time code. */
export function addWalletInputs<Opened>(
  builder: Builder<Opened>,
  enums: VocabularyEnums<Opened>,
  periodRef: PeriodInputRef<Opened>,
) {
  const keys = addKeyInputs(builder);
  const { PointRef, SignatureRef } = keys;
  const ConsentRef = addConsentInput(builder, enums, { periodRef, ...keys });
  const ErasureRef = builder.inputRef<ErasureInput>('ErasureInput').implement({
    description: 'Which consents to forget. The key that signed them signs this too.',
    fields: (t) => ({
      secrets: t.field({
        type: ['Field'],
        required: true,
        description: 'Their withdrawal secrets, 1,000 at most. They are published.',
      }),
      publicKey: t.field({ type: PointRef, required: true, description: STUDY_KEY }),
      signature: t.field({
        type: SignatureRef,
        required: true,
        description: 'Over the institution and the secrets.',
      }),
    }),
  });
  const LinkRef = builder.inputRef<LinkInput>('LinkInput').implement({
    description: "The answer to the one-time code shown in the patient's own session.",
    fields: (t) => ({
      study: t.id({ required: true, description: STUDY }),
      codeId: t.string({
        required: true,
        description:
          'SHA-256 of `assent/link-id|` and the code, hexadecimal. The code never travels.',
      }),
      publicKey: t.field({ type: PointRef, required: true, description: STUDY_KEY }),
      signature: t.field({
        type: SignatureRef,
        required: true,
        description: 'Over the institution and the code.',
      }),
    }),
  });
  return { PointRef, SignatureRef, ConsentRef, LinkRef, ErasureRef };
}

/** Adds a consent as it is sent to be registered. */
function addConsentInput<Opened>(
  builder: Builder<Opened>,
  { PurposeEnum, DataClassEnum, SensitivityEnum, DutyEnum }: VocabularyEnums<Opened>,
  parts: ReturnType<typeof addKeyInputs<Opened>> & { readonly periodRef: PeriodInputRef<Opened> },
) {
  const { periodRef, PointRef, SignatureRef } = parts;
  return builder.inputRef<SignedConsentInput>('SignedConsentInput').implement({
    description: 'A consent as its participant read it, and the signature over its leaf.',
    fields: (t) => ({
      study: t.id({ required: true, description: STUDY }),
      requester: t.field({ type: 'Field', required: true, description: REQUESTER }),
      institution: t.id({ description: 'The one custodian that may release. Absent: any.' }),
      purposes: t.field({ type: [PurposeEnum], required: true, description: PURPOSES }),
      dataClasses: t.field({ type: [DataClassEnum], required: true, description: DATA_CLASSES }),
      labels: t.field({ type: [SensitivityEnum], description: `${LABELS} Absent: none.` }),
      duties: t.field({ type: [DutyEnum], description: `${DUTIES} Absent: none.` }),
      validity: t.field({ type: periodRef, required: true, description: VALIDITY }),
      dataWindow: t.field({ type: periodRef, required: true, description: DATA_WINDOW }),
      policy: t.field({ type: 'Field', required: true, description: POLICY }),
      serial: t.field({ type: 'Field', required: true, description: SERIAL }),
      handle: t.field({ type: 'Field', required: true, description: HANDLE }),
      salt: t.field({
        type: 'Field',
        required: true,
        description: 'Random, so that nobody can guess the consent from its leaf.',
      }),
      publicKey: t.field({ type: PointRef, required: true, description: STUDY_KEY }),
      signature: t.field({ type: SignatureRef, required: true, description: 'Over the leaf.' }),
    }),
  });
}
