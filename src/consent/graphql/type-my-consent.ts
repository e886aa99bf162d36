import { isoFromSeconds, type Seconds } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import type { PeriodRef } from '../../graph/period.js';
import { describedValues } from '../../graph/words.js';
import { explainOwn } from '../answers/my/explanation.js';
import type { OwnConsent } from '../answers/my/model.js';
import type { ConsentState } from '../disclosures/explain.js';
import {
  DATA_CLASSES,
  DATA_WINDOW,
  DUTIES,
  HANDLE,
  LABELS,
  LEAF,
  LEAF_INDEX,
  POLICY,
  PURPOSES,
  REQUESTER,
  SERIAL,
  SUBTREE_KEY,
  VALIDITY,
} from './elements.js';
import type { VocabularyEnums } from './type-vocabulary.js';

/** A consent, and the moment that its state is told for. */
type ConsentAt = OwnConsent & { readonly asOf: Seconds };

/** What the type is made of. */
export interface ConsentParts<Opened> {
  readonly federated: FederatedTypes<Opened>;
  readonly enums: VocabularyEnums<Opened>;
  readonly periodRef: PeriodRef<Opened>;
}

/** Adds a consent as its participant sees it: what was signed, where it stands, what it lets through. */
export function addOwnConsentType<Opened>(builder: Builder<Opened>, parts: ConsentParts<Opened>) {
  const ref = ownConsentRef(builder);
  const StateEnum = addStateEnum(builder);
  builder.objectType(ref, {
    description: 'A consent that I signed, where it is registered, and what it lets through.',
    fields: (t) => ({
      institution: t.field({
        type: parts.federated.institutionRef,
        description: 'Where it is registered.',
        resolve: (it) => ({ id: it.institution }),
      }),
      registeredAt: t.field({
        type: 'DateTime',
        description: 'When it was registered.',
        resolve: (it) => isoFromSeconds(it.registeredAt),
      }),
      withdrawnAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When that institution learnt of its withdrawal. Null if it did not.',
        resolve: ({ withdrawnAt }) => (withdrawnAt === null ? null : isoFromSeconds(withdrawnAt)),
      }),
      state: t.field({
        type: StateEnum,
        description: 'Whether it lets anything through now, and if not, why.',
        resolve: (it) => explainOwn(it, it.asOf).state,
      }),
      explanation: t.stringList({
        description: 'What it lets through, in sentences.',
        resolve: (it) => [...explainOwn(it, it.asOf).sentences],
      }),
    }),
  });
  addLeaf(builder, ref);
  addScope(builder, ref, parts);
  return ref;
}

type OwnConsentRef<Opened> = ReturnType<typeof ownConsentRef<Opened>>;

function ownConsentRef<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<ConsentAt>('OwnConsent');
}

/** Adds its leaf, and what a proof of it is made with. */
function addLeaf<Opened>(builder: Builder<Opened>, ref: OwnConsentRef<Opened>): void {
  builder.objectFields(ref, (t) => ({
    index: t.exposeInt('index', { description: LEAF_INDEX }),
    leaf: t.field({ type: 'Field', description: LEAF, resolve: ({ leaf }) => leaf }),
    subtreeKey: t.exposeString('subtreeKey', { description: SUBTREE_KEY }),
    serial: t.field({ type: 'Field', description: SERIAL, resolve: ({ serial }) => serial }),
    handle: t.field({ type: 'Field', description: HANDLE, resolve: ({ handle }) => handle }),
    policy: t.field({ type: 'Field', description: POLICY, resolve: ({ policy }) => policy }),
  }));
}

/** Adds what it lets through, in the words that were signed. */
function addScope<Opened>(
  builder: Builder<Opened>,
  ref: OwnConsentRef<Opened>,
  { federated, enums, periodRef }: ConsentParts<Opened>,
): void {
  builder.objectFields(ref, (t) => ({
    requester: t.field({
      type: 'Field',
      description: REQUESTER,
      resolve: ({ requester }) => requester,
    }),
    custodian: t.field({
      type: federated.institutionRef,
      nullable: true,
      description: 'The one that may release. Null: any.',
      resolve: ({ custodian }) => (custodian === null ? null : { id: custodian }),
    }),
    purposes: t.field({
      type: [enums.PurposeEnum],
      description: PURPOSES,
      resolve: ({ purposes }) => purposes,
    }),
    dataClasses: t.field({
      type: [enums.DataClassEnum],
      description: DATA_CLASSES,
      resolve: ({ dataClasses }) => dataClasses,
    }),
    labels: t.field({
      type: [enums.SensitivityEnum],
      description: LABELS,
      resolve: ({ labels }) => labels,
    }),
    duties: t.field({
      type: [enums.DutyEnum],
      description: DUTIES,
      resolve: ({ duties }) => duties,
    }),
    validity: t.field({ type: periodRef, description: VALIDITY, resolve: (it) => it.validity }),
    dataWindow: t.field({
      type: periodRef,
      description: DATA_WINDOW,
      resolve: ({ dataWindow }) => dataWindow,
    }),
  }));
}

function addStateEnum<Opened>(builder: Builder<Opened>) {
  return builder.enumType('ConsentState', {
    description: 'Whether a consent lets anything through now, and if not, why.',
    values: describedValues<ConsentState>({
      NOT_YET: 'Its validity has not begun.',
      ACTIVE: 'It can be used.',
      EXPIRED: 'Its validity is over.',
      WITHDRAWN: 'Its participant withdrew it.',
    }),
  });
}
