import { addEvidenceType } from '../consent/graphql/type-evidence.js';
import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import { describedValues } from '../graph/words.js';
import type {
  Containment,
  EventAction,
  EventType,
  Trace,
  TracedEvent,
  Verification,
  VrsReason,
} from './model.js';

const NULL_UNSAID = 'Null if the event does not say.';

type Federated<Opened> = FederatedTypes<Opened>;

/** Adds Verification: a manufacturer's yes or no. */
export function addVerificationType<Opened>(
  builder: Builder<Opened>,
  { FederatedRef }: Federated<Opened>,
) {
  const ReasonEnum = builder.enumType('VrsReason', {
    description: 'Why a product is not verified.',
    values: describedValues<VrsReason>({
      NOT_FOUND: 'No manufacturer made a pack with this GTIN and serial.',
      MISMATCH_LOT: 'The pack was made with a different lot.',
      MISMATCH_EXPIRY: 'The pack was made with a different expiry date.',
      RECALLED: 'The lot is recalled.',
      DECOMMISSIONED: 'The pack was taken out of circulation.',
      SOURCE_UNAVAILABLE: 'It could not be verified now: a manufacturer did not answer.',
    }),
  });
  return builder.objectRef<Verification>('Verification').implement({
    description: "A manufacturer's answer about the four identifiers printed on a pack.",
    interfaces: [FederatedRef as never],
    fields: (t) => ({
      verified: t.boolean({
        nullable: true,
        description:
          'Whether the printed identifiers are genuine. Null if it could not be verified ' +
          'now, which does not mean no.',
        resolve: ({ verified }) => verified,
      }),
      reason: t.field({
        type: ReasonEnum,
        nullable: true,
        description: 'Why it is not verified. Null if it is.',
        resolve: ({ reason }) => reason,
      }),
      respondedAt: t.field({
        type: 'DateTime',
        description: 'When this was answered.',
        resolve: ({ respondedAtMs }) => new Date(respondedAtMs),
      }),
    }),
  });
}

/** Adds Trace with its events and containments. */
export function addTraceType<Opened>(builder: Builder<Opened>, federated: Federated<Opened>) {
  const ActionEnum = builder.enumType('EventAction', {
    description: 'What an EPCIS event does, as EPCIS `action`.',
    values: describedValues<EventAction>({
      ADD: 'Something begins: made, put in, or assigned.',
      OBSERVE: 'Something was seen and did not change.',
      DELETE: 'Something ends: destroyed, taken out, or released.',
    }),
  });
  const EventRef = addEventType(builder, federated, ActionEnum);
  const ContainmentRef = addContainmentType(builder, ActionEnum);
  return builder.objectRef<Trace>('Trace').implement({
    description: 'What happened to an item, and to its containers while it was in them.',
    interfaces: [federated.FederatedRef as never],
    fields: (t) => ({
      item: t.field({
        type: 'URI',
        description: 'The item asked for, in canonical form.',
        resolve: ({ item }) => item,
      }),
      events: t.field({
        type: [EventRef],
        description: 'Its events across institutions, sorted by time and id; at most 1,000.',
        resolve: ({ events }) => events,
      }),
      containments: t.field({
        type: [ContainmentRef],
        description: 'The containers it was in, in order of time.',
        resolve: ({ containments }) => containments,
      }),
      hasMore: t.exposeBoolean('hasMore', {
        description:
          'Whether there are more events than a trace can have. If so, narrow `from` and `until`.',
      }),
    }),
  });
}

interface ActionRef {
  readonly $inferType: EventAction;
}

function addContainmentType<Opened>(builder: Builder<Opened>, ActionEnum: ActionRef) {
  return builder.objectRef<Containment>('Containment').implement({
    description: 'A thing was put into a container, seen in it or taken out.',
    fields: (t) => ({
      child: t.field({
        type: 'URI',
        nullable: true,
        description: 'The thing. Null: everything in the container.',
        resolve: ({ child }) => child,
      }),
      parent: t.field({
        type: 'URI',
        description: 'The container.',
        resolve: ({ parent }) => parent,
      }),
      action: t.field({
        type: ActionEnum as never,
        description: 'Put in (ADD), seen in it (OBSERVE) or taken out (DELETE).',
        resolve: ({ action }) => action as never,
      }),
      time: t.field({
        type: 'DateTime',
        description: 'When it happened.',
        resolve: ({ timeMs }) => new Date(timeMs),
      }),
    }),
  });
}

function addEventType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: Federated<Opened>,
  ActionEnum: ActionRef,
) {
  const TypeEnum = addEventTypeEnum(builder);
  const EvidenceRef = addEvidenceType(builder, { institutionRef });
  const EventRef = eventRef(builder);
  builder.objectType(EventRef, {
    description: 'An EPCIS 2.0 event.',
    fields: (t) => ({
      eventId: t.exposeID('eventId', {
        description:
          'Its EPCIS `eventID`. Not named `id`, because two traces, or two custodians, show ' +
          'the same event differently, and a cache must not merge them.',
      }),
      type: t.field({
        type: TypeEnum,
        description: 'Its EPCIS type.',
        resolve: ({ type }) => type,
      }),
      action: t.field({
        type: ActionEnum as never,
        nullable: true,
        description: 'Its EPCIS action. Null for a TransformationEvent, which has none.',
        resolve: ({ action }) => action as never,
      }),
      epcs: t.field({
        type: ['URI'],
        description: 'Of everything that it touches, the things that this trace follows.',
        resolve: ({ epcs }) => epcs,
      }),
      declaredInError: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was declared to be in error. Null if it was not.',
        resolve: ({ declaredInErrorMs }) =>
          declaredInErrorMs === null ? null : new Date(declaredInErrorMs),
      }),
      custodian: t.field({
        type: institutionRef,
        description: 'The institution whose node keeps the event.',
        resolve: ({ custodian }) => ({ id: custodian }),
      }),
      evidence: t.field({
        type: EvidenceRef,
        nullable: true,
        description:
          'Proof that the event was logged. Null until its custodian has anchored this ' +
          'version of it.',
        resolve: ({ evidence }) => evidence,
      }),
    }),
  });
  addBusiness(builder, EventRef);
  return EventRef;
}

function eventRef<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<TracedEvent>('Event');
}

/** Adds the business fields: when, where and why it happened. */
function addBusiness<Opened>(
  builder: Builder<Opened>,
  ref: ReturnType<typeof eventRef<Opened>>,
): void {
  builder.objectFields(ref, (t) => ({
    bizStep: t.exposeString('bizStep', {
      nullable: true,
      description: `The business step, in the Core Business Vocabulary. ${NULL_UNSAID}`,
    }),
    disposition: t.exposeString('disposition', {
      nullable: true,
      description: `The state of the things after it, in that vocabulary. ${NULL_UNSAID}`,
    }),
    eventTime: t.field({
      type: 'DateTime',
      description: 'When it happened.',
      resolve: ({ eventTimeMs }) => new Date(eventTimeMs),
    }),
    readPoint: t.field({
      type: 'URI',
      nullable: true,
      description: `Where it was recorded. ${NULL_UNSAID}`,
      resolve: ({ readPoint }) => readPoint,
    }),
    bizLocation: t.field({
      type: 'URI',
      nullable: true,
      description: `Where the things are after it. ${NULL_UNSAID}`,
      resolve: ({ bizLocation }) => bizLocation,
    }),
  }));
}

function addEventTypeEnum<Opened>(builder: Builder<Opened>) {
  return builder.enumType('EventType', {
    description: 'A type of EPCIS 2.0 event.',
    values: describedValues<EventType>({
      ObjectEvent: 'Something happened to one or more things.',
      AggregationEvent: 'Things were put into a container, seen in it or taken out.',
      AssociationEvent: 'Things were attached to another, for example a sensor, or detached.',
      TransactionEvent: 'Things became part of a business transaction, or no longer are.',
      TransformationEvent: 'Things were used up to make others.',
    }),
  });
}
