import { isoFromSeconds, type Seconds } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import type { ConsentState } from '../explain.js';
import type { PeriodRef } from '../type-study.js';
import type { VocabularyEnums } from '../type-vocabulary.js';
import { explainOwn } from './explanation.js';
import type { OwnConsent } from './model.js';

/** A consent, and the moment that its state is told for. */
type ConsentAt = OwnConsent & { readonly asOf: Seconds };

/** What the type is made of. */
export interface ConsentParts<Opened> {
  readonly federated: FederatedTypes<Opened>;
  readonly enums: VocabularyEnums<Opened>;
  readonly periodRef: PeriodRef<Opened>;
}

/** Adds a consent as its participant sees it: what was signed, where it stands, what it lets through. */
export function addOwnConsentType<Opened>(
  builder: Builder<Opened>,
  { federated, enums, periodRef }: ConsentParts<Opened>,
) {
  const { institutionRef } = federated;
  const StateEnum = addStateEnum(builder);
  return builder.objectRef<ConsentAt>('OwnConsent').implement({
    description: 'A consent that I signed, where it is registered, and what it lets through.',
    fields: (t) => ({
      institution: t.field({ type: institutionRef, resolve: (it) => ({ id: it.institution }) }),
      index: t.exposeInt('index', { description: "The leaf's place in that institution's shard." }),
      leaf: t.field({ type: 'Field', resolve: ({ leaf }) => leaf }),
      subtreeKey: t.exposeString('subtreeKey', {
        description: "What opens the leaf's paths; the same for all 1,024 around it.",
      }),
      serial: t.field({ type: 'Field', resolve: ({ serial }) => serial }),
      handle: t.field({ type: 'Field', resolve: ({ handle }) => handle }),
      requester: t.field({ type: 'Field', resolve: ({ requester }) => requester }),
      custodian: t.field({
        type: institutionRef,
        nullable: true,
        description: 'The one that may release; null: any.',
        resolve: ({ custodian }) => (custodian === null ? null : { id: custodian }),
      }),
      purposes: t.field({ type: [enums.PurposeEnum], resolve: ({ purposes }) => purposes }),
      dataClasses: t.field({ type: [enums.DataClassEnum], resolve: (it) => it.dataClasses }),
      labels: t.field({ type: [enums.SensitivityEnum], resolve: ({ labels }) => labels }),
      duties: t.field({ type: [enums.DutyEnum], resolve: ({ duties }) => duties }),
      validity: t.field({ type: periodRef, resolve: ({ validity }) => validity }),
      dataWindow: t.field({ type: periodRef, resolve: ({ dataWindow }) => dataWindow }),
      policy: t.field({
        type: 'Field',
        description: 'Of the text that I signed.',
        resolve: ({ policy }) => policy,
      }),
      registeredAt: t.field({ type: 'DateTime', resolve: (it) => isoFromSeconds(it.registeredAt) }),
      withdrawnAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When that institution learnt of it; null if it did not.',
        resolve: ({ withdrawnAt }) => (withdrawnAt === null ? null : isoFromSeconds(withdrawnAt)),
      }),
      state: t.field({ type: StateEnum, resolve: (it) => explainOwn(it, it.asOf).state }),
      explanation: t.stringList({
        description: 'What it lets through, in sentences.',
        resolve: (it) => [...explainOwn(it, it.asOf).sentences],
      }),
    }),
  });
}

function addStateEnum<Opened>(builder: Builder<Opened>) {
  return builder.enumType('ConsentState', {
    description: 'Whether a consent lets anything through now, and if not, why.',
    values: { NOT_YET: {}, ACTIVE: {}, EXPIRED: {}, WITHDRAWN: {} } satisfies Record<
      ConsentState,
      object
    >,
  });
}
