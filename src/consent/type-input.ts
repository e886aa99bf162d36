import type { Builder } from '../graph/builder.js';
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
} from './model.js';
import type { VocabularyEnums } from './type-vocabulary.js';

/** Adds what is sent to present proofs. */
export function addPresentationInputs<Opened>(
  builder: Builder<Opened>,
  { PurposeEnum, DataClassEnum, SensitivityEnum, DutyEnum, RoleEnum }: VocabularyEnums<Opened>,
) {
  const PeriodRef = addPeriodInput(builder);
  const ProofRef = builder.inputRef<ProofInput>('ProofInput').implement({
    description: 'One proof and the public signals that it proves, in order.',
    fields: (t) => ({
      proof: t.field({ type: 'Proof', required: true }),
      publicSignals: t.field({ type: ['Field'], required: true }),
    }),
  });
  const ConsentsRef = builder.inputRef<PresentConsentsInput>('PresentConsents').implement({
    description: 'What 1 to 1,000 proofs of consent, all of one study, are shown for.',
    fields: (t) => ({
      study: t.id({ required: true }),
      purpose: t.field({
        type: PurposeEnum,
        description: 'Exactly one. Without it every proof is refused: PURPOSE_MISSING.',
      }),
      dataClasses: t.field({ type: [DataClassEnum], required: true }),
      labels: t.field({ type: [SensitivityEnum] }),
      duties: t.field({ type: [DutyEnum], description: 'Acknowledged.' }),
      dataWindow: t.field({ type: PeriodRef, required: true }),
      institution: t.id({ description: 'Absent: every institution that the grants allow.' }),
      expires: t.field({ type: 'DateTime', required: true, description: 'Within 7 days.' }),
      holder: t.field({
        type: 'JWK',
        required: true,
        description: 'The public P-256 key that will sign the tokens.',
      }),
      proofs: t.field({ type: [ProofRef], required: true }),
    }),
  });
  const AccreditationRef = builder
    .inputRef<PresentAccreditationInput>('PresentAccreditation')
    .implement({
      description: 'What 1 to 1,000 proofs of accreditation are shown for.',
      fields: (t) => ({
        role: t.field({
          type: RoleEnum,
          description: 'Exactly one. Without it every proof is refused: ROLE_UNKNOWN.',
        }),
        study: t.id({ description: 'A researcher names one; absent: any.' }),
        party: t.string({ description: 'A partner names its organisation, for example a GLN.' }),
        institution: t.id({ description: 'Where to show it; absent: at every active one.' }),
        holder: t.field({ type: 'JWK', required: true }),
        proofs: t.field({ type: [ProofRef], required: true }),
      }),
    });
  return { PeriodRef, ConsentsRef, AccreditationRef };
}

type PeriodInputRef<Opened> = ReturnType<typeof addPeriodInput<Opened>>;

function addPeriodInput<Opened>(builder: Builder<Opened>) {
  return builder.inputRef<PeriodInput>('PeriodInput').implement({
    description: 'From and until, half-open: until itself is outside.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', required: true }),
      until: t.field({ type: 'DateTime', required: true }),
    }),
  });
}

/** Adds what the study key shows of itself. */
function addKeyInputs<Opened>(builder: Builder<Opened>) {
  const PointRef = builder.inputRef<PointInput>('PublicKeyInput').implement({
    description: 'An EdDSA key on Baby Jubjub: the study key.',
    fields: (t) => ({
      ax: t.field({ type: 'Field', required: true }),
      ay: t.field({ type: 'Field', required: true }),
    }),
  });
  const SignatureRef = builder.inputRef<SignatureInput>('SignatureInput').implement({
    description: 'EdDSA-Poseidon, by the study key.',
    fields: (t) => ({
      r8x: t.field({ type: 'Field', required: true }),
      r8y: t.field({ type: 'Field', required: true }),
      s: t.field({ type: 'Field', required: true }),
    }),
  });
  return { PointRef, SignatureRef };
}

/** Adds what a wallet sends: a signed consent, what to erase, and the answer to a one-time code. */
export function addWalletInputs<Opened>(
  builder: Builder<Opened>,
  { PurposeEnum, DataClassEnum, SensitivityEnum, DutyEnum }: VocabularyEnums<Opened>,
  periodRef: PeriodInputRef<Opened>,
) {
  const { PointRef, SignatureRef } = addKeyInputs(builder);
  const ConsentRef = builder.inputRef<SignedConsentInput>('SignedConsentInput').implement({
    description: 'A consent as its participant read it, and the signature over its leaf.',
    fields: (t) => ({
      study: t.id({ required: true }),
      requester: t.field({ type: 'Field', required: true }),
      institution: t.id({ description: 'The one custodian that may release; absent: any.' }),
      purposes: t.field({ type: [PurposeEnum], required: true }),
      dataClasses: t.field({ type: [DataClassEnum], required: true }),
      labels: t.field({ type: [SensitivityEnum] }),
      duties: t.field({ type: [DutyEnum] }),
      validity: t.field({ type: periodRef, required: true }),
      dataWindow: t.field({ type: periodRef, required: true }),
      policy: t.field({ type: 'Field', required: true, description: 'Of the text signed.' }),
      serial: t.field({ type: 'Field', required: true }),
      handle: t.field({ type: 'Field', required: true }),
      salt: t.field({ type: 'Field', required: true }),
      publicKey: t.field({ type: PointRef, required: true }),
      signature: t.field({ type: SignatureRef, required: true }),
    }),
  });
  const ErasureRef = builder.inputRef<ErasureInput>('ErasureInput').implement({
    description: 'Which consents to forget. The key that signed them signs this too.',
    fields: (t) => ({
      secrets: t.field({
        type: ['Field'],
        required: true,
        description: 'The withdrawal secrets: they are published.',
      }),
      publicKey: t.field({ type: PointRef, required: true }),
      signature: t.field({ type: SignatureRef, required: true }),
    }),
  });
  const LinkRef = builder.inputRef<LinkInput>('LinkInput').implement({
    description: "The answer to the one-time code shown in the patient's own session.",
    fields: (t) => ({
      study: t.id({ required: true }),
      codeId: t.string({
        required: true,
        description: 'SHA-256 of `assent/link-id|` and the code, hexadecimal.',
      }),
      publicKey: t.field({ type: PointRef, required: true }),
      signature: t.field({ type: SignatureRef, required: true }),
    }),
  });
  return { PointRef, SignatureRef, ConsentRef, LinkRef, ErasureRef };
}
