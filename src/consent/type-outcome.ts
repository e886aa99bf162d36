import { isoFromSeconds } from '../core/time.js';
import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import type {
  ErasedConsents,
  LinkedParticipant,
  Outcome,
  Presented,
  Refusal,
  Refusals,
  RegisteredConsent,
} from './model.js';
import type { SignedAnswerRef } from './type-signed-answer.js';
import { addRefusalEnums } from './type-vocabulary.js';

type Federated<Opened> = Pick<FederatedTypes<Opened>, 'institutionRef' | 'SourceStatusEnum'>;

/** Adds what comes back of what was shown: per institution, and per proof that was refused. */
export function addOutcomeTypes<Opened>(
  builder: Builder<Opened>,
  { institutionRef, SourceStatusEnum }: Federated<Opened>,
  signedRef: SignedAnswerRef<Opened>,
) {
  const { ErrorCodeEnum, RetryEnum } = addRefusalEnums(builder);
  const RefusalRef = builder.objectRef<Refusal>('Refusal').implement({
    description: 'Why one of what was sent was not taken. The others are not touched by it.',
    fields: (t) => ({
      index: t.exposeInt('index', { description: 'Its place in what was sent, from 0.' }),
      code: t.field({ type: ErrorCodeEnum, resolve: ({ code }) => code }),
      message: t.exposeString('message'),
      retry: t.field({ type: RetryEnum, resolve: ({ retry }) => retry }),
    }),
  });
  const OutcomeRef = builder.objectRef<Outcome>('Outcome').implement({
    description: 'What one institution did.',
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        resolve: ({ institution }) => ({ id: institution }),
      }),
      status: t.field({ type: SourceStatusEnum, resolve: ({ status }) => status }),
      accepted: t.exposeInt('accepted'),
      refused: t.field({ type: [RefusalRef], resolve: ({ refused }) => refused }),
      held: t.exposeIntList('held', {
        description:
          'Places of withdrawal secrets that it does not know: they are refused everywhere now, but ' +
          'published nowhere until an institution that knows them is asked, or they are shown.',
      }),
      signed: t.field({
        type: signedRef,
        nullable: true,
        description: 'Its word on a withdrawal; null for what was presented, and if it was silent.',
        resolve: ({ signed }) => signed,
      }),
    }),
  });
  const PresentedRef = builder.objectRef<Presented>('Presented').implement({
    description: 'What each institution concerned did, in the order of their ids.',
    fields: (t) => ({
      complete: t.exposeBoolean('complete', {
        description:
          'As many institutions as were needed took everything that was sent, held secrets too.',
      }),
      outcomes: t.field({ type: [OutcomeRef], resolve: ({ outcomes }) => outcomes }),
    }),
  });
  return { RefusalRef, PresentedRef };
}

/** Adds the answers of one institution that acts alone: done, or why not. */
export function addWalletResults<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: Pick<Federated<Opened>, 'institutionRef'>,
  refusalRef: ReturnType<typeof addOutcomeTypes<Opened>>['RefusalRef'],
  signedRef: SignedAnswerRef<Opened>,
) {
  const RefusalsRef = builder.objectRef<Refusals>('Refusals').implement({
    fields: (t) => ({ refused: t.field({ type: [refusalRef], resolve: (all) => all.refused }) }),
  });
  const ReceiptRef = builder.objectRef<RegisteredConsent>('ConsentReceipt').implement({
    description: 'Where a consent stands in the register. It is provable after the next anchor.',
    fields: (t) => ({
      institution: t.field({ type: institutionRef, resolve: (it) => ({ id: it.institution }) }),
      index: t.exposeInt('index', { description: "The leaf's place in that institution's shard." }),
      leaf: t.field({ type: 'Field', resolve: ({ leaf }) => leaf }),
      registeredAt: t.field({
        type: 'DateTime',
        resolve: ({ registeredAt }) => isoFromSeconds(registeredAt),
      }),
      subtreeKey: t.exposeString('subtreeKey', {
        description: "What opens the leaf's paths; the same for all 1,024 around it.",
      }),
      signed: t.field({ type: signedRef, resolve: ({ signed }) => signed }),
    }),
  });
  const LinkRef = addLinkReceipt(builder, institutionRef, signedRef);
  const ErasureRef = builder.objectRef<ErasedConsents>('ErasureReceipt').implement({
    description: 'What is gone: plaintext, salt and signature now, the leaf with the next anchor.',
    fields: (t) => ({
      institution: t.field({ type: institutionRef, resolve: (it) => ({ id: it.institution }) }),
      erased: t.exposeInt('erased', { description: 'How many were registered there by this key.' }),
      signed: t.field({ type: signedRef, resolve: ({ signed }) => signed }),
    }),
  });
  const RegisterResult = builder.unionType('RegisterConsentResult', {
    types: [ReceiptRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : ReceiptRef),
  });
  const LinkResult = builder.unionType('LinkParticipantResult', {
    types: [LinkRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : LinkRef),
  });
  const EraseResult = builder.unionType('EraseConsentsResult', {
    types: [ErasureRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : ErasureRef),
  });
  return { RefusalsRef, RegisterResult, LinkResult, EraseResult };
}

function addLinkReceipt<Opened>(
  builder: Builder<Opened>,
  institutionRef: Federated<Opened>['institutionRef'],
  signedRef: SignedAnswerRef<Opened>,
) {
  return builder.objectRef<LinkedParticipant>('LinkReceipt').implement({
    description: "That the code is this key's, and is linked once the patient has confirmed it.",
    fields: (t) => ({
      institution: t.field({ type: institutionRef, resolve: (it) => ({ id: it.institution }) }),
      pseudonym: t.exposeID('pseudonym'),
      proxyUntil: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'What its consents may not outlast, because a proxy answered; null: no limit.',
        resolve: ({ proxyUntil }) => (proxyUntil === null ? null : isoFromSeconds(proxyUntil)),
      }),
      confirmed: t.exposeBoolean('confirmed', {
        description:
          'Whether the patient has confirmed the key there: nothing is registered before.',
      }),
      signed: t.field({ type: signedRef, resolve: ({ signed }) => signed }),
    }),
  });
}
