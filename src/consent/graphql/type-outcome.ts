import { isoFromSeconds } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { PSEUDONYM } from '../../graph/words.js';
import type {
  ErasedConsents,
  LinkedParticipant,
  Outcome,
  Presented,
  Refusal,
  Refusals,
  RegisteredConsent,
} from '../base/model.js';
import { ACTED, LEAF, LEAF_INDEX, SUBTREE_KEY, WORD } from './elements.js';
import type { SignedAnswerRef } from './type-signed-answer.js';
import { addRefusalEnums } from './type-vocabulary.js';

type Federated<Opened> = Pick<FederatedTypes<Opened>, 'institutionRef' | 'SourceStatusEnum'>;

/** Adds what comes back of what was shown: per institution, and per proof that was refused. */
export function addOutcomeTypes<Opened>(
  builder: Builder<Opened>,
  { institutionRef, SourceStatusEnum }: Federated<Opened>,
  signedRef: SignedAnswerRef<Opened>,
) {
  const RefusalRef = addRefusal(builder);
  const OutcomeRef = builder.objectRef<Outcome>('Outcome').implement({
    description: 'What one institution did.',
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: 'The institution that was asked.',
        resolve: ({ institution }) => ({ id: institution }),
      }),
      status: t.field({
        type: SourceStatusEnum,
        description: 'How it answered. Unless OK, whether it acted is not known.',
        resolve: ({ status }) => status,
      }),
      accepted: t.exposeInt('accepted', {
        description: 'How many of what was sent it took, or holds.',
      }),
      refused: t.field({
        type: [RefusalRef],
        description: 'What it did not take, and why. Empty if it took all, and if it was silent.',
        resolve: ({ refused }) => refused,
      }),
      held: t.exposeIntList('held', {
        description:
          'Places, from 0, of withdrawal secrets that it does not know. Consents with them are ' +
          'refused everywhere now, but they are published nowhere until an institution that knows ' +
          'them is asked, or they are shown.',
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
          'Whether as many institutions as were needed took all that was sent. Held secrets count.',
      }),
      outcomes: t.field({
        type: [OutcomeRef],
        description: 'One for each institution that was asked.',
        resolve: ({ outcomes }) => outcomes,
      }),
    }),
  });
  return { RefusalRef, PresentedRef };
}

function addRefusal<Opened>(builder: Builder<Opened>) {
  const { RefusalCodeEnum, RetryEnum } = addRefusalEnums(builder);
  return builder.objectRef<Refusal>('Refusal').implement({
    description: 'Why one of what was sent was not taken. The others are not touched by it.',
    fields: (t) => ({
      index: t.exposeInt('index', { description: 'Its place in what was sent, from 0.' }),
      code: t.field({
        type: RefusalCodeEnum,
        description: 'What happened, for programs.',
        resolve: ({ code }) => code,
      }),
      message: t.exposeString('message', { description: 'What happened, for people.' }),
      retry: t.field({
        type: RetryEnum,
        description: 'What can help.',
        resolve: ({ retry }) => retry,
      }),
    }),
  });
}

/** Adds the answers of one institution that acts alone: done, or why not. */
export function addWalletResults<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: Pick<Federated<Opened>, 'institutionRef'>,
  refusalRef: ReturnType<typeof addOutcomeTypes<Opened>>['RefusalRef'],
  signedRef: SignedAnswerRef<Opened>,
) {
  const RefusalsRef = builder.objectRef<Refusals>('Refusals').implement({
    description: 'The institution did nothing of what it was asked.',
    fields: (t) => ({
      refused: t.field({
        type: [refusalRef],
        description: 'Why. One entry, with `index` 0.',
        resolve: (all) => all.refused,
      }),
    }),
  });
  const ReceiptRef = addConsentReceipt(builder, institutionRef, signedRef);
  const LinkRef = addLinkReceipt(builder, institutionRef, signedRef);
  const ErasureRef = builder.objectRef<ErasedConsents>('ErasureReceipt').implement({
    description: 'What is gone: plaintext, salt and signature now, the leaf with the next anchor.',
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: ACTED,
        resolve: (it) => ({ id: it.institution }),
      }),
      erased: t.exposeInt('erased', { description: 'How many were registered there by this key.' }),
      signed: t.field({ type: signedRef, description: WORD, resolve: ({ signed }) => signed }),
    }),
  });
  const RegisterResult = builder.unionType('RegisterConsentResult', {
    description: 'The consent is registered, or why it is not.',
    types: [ReceiptRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : ReceiptRef),
  });
  const LinkResult = builder.unionType('LinkParticipantResult', {
    description: 'The code was answered, or why it was not.',
    types: [LinkRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : LinkRef),
  });
  const EraseResult = builder.unionType('EraseConsentsResult', {
    description: 'The consents are erased, or why they are not.',
    types: [ErasureRef, RefusalsRef],
    resolveType: (result) => ('refused' in result ? RefusalsRef : ErasureRef),
  });
  return { RefusalsRef, RegisterResult, LinkResult, EraseResult };
}

function addConsentReceipt<Opened>(
  builder: Builder<Opened>,
  institutionRef: Federated<Opened>['institutionRef'],
  signedRef: SignedAnswerRef<Opened>,
) {
  return builder.objectRef<RegisteredConsent>('ConsentReceipt').implement({
    description: 'Where a consent stands in the register. It is provable after the next anchor.',
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: 'The institution that registered it.',
        resolve: (it) => ({ id: it.institution }),
      }),
      index: t.exposeInt('index', { description: LEAF_INDEX }),
      leaf: t.field({ type: 'Field', description: LEAF, resolve: ({ leaf }) => leaf }),
      registeredAt: t.field({
        type: 'DateTime',
        description: 'When it was registered.',
        resolve: ({ registeredAt }) => isoFromSeconds(registeredAt),
      }),
      subtreeKey: t.exposeString('subtreeKey', { description: SUBTREE_KEY }),
      signed: t.field({ type: signedRef, description: WORD, resolve: ({ signed }) => signed }),
    }),
  });
}

function addLinkReceipt<Opened>(
  builder: Builder<Opened>,
  institutionRef: Federated<Opened>['institutionRef'],
  signedRef: SignedAnswerRef<Opened>,
) {
  return builder.objectRef<LinkedParticipant>('LinkReceipt').implement({
    description: "That the code is this key's, and is linked once the patient has confirmed it.",
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: 'The institution whose code was answered.',
        resolve: (it) => ({ id: it.institution }),
      }),
      pseudonym: t.exposeID('pseudonym', { description: PSEUDONYM }),
      proxyUntil: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'What its consents may not outlast, because a proxy answered. Null: no limit.',
        resolve: ({ proxyUntil }) => (proxyUntil === null ? null : isoFromSeconds(proxyUntil)),
      }),
      confirmed: t.exposeBoolean('confirmed', {
        description:
          'Whether the patient has confirmed the key there: nothing is registered before.',
      }),
      signed: t.field({ type: signedRef, description: WORD, resolve: ({ signed }) => signed }),
    }),
  });
}
