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
      MISMATCH_LOT: 'The pack was made with another lot.',
      MISMATCH_EXPIRY: 'The pack was made with another expiry date.',
      RECALLED: 'The lot is called back.',
      DECOMMISSIONED: 'The pack was taken out of circulation.',
      SOURCE_UNAVAILABLE: 'It could not be verified now: a manufacturer did not answer.',
    }),
  });
  return builder.objectRef<Verification>('Verification').implement({
    description: "A manufacturer's word on the four identifiers printed on a pack.",
    interfaces: [FederatedRef as never],
    fields: (t) => ({
      verified: t.boolean({
        nullable: true,
        description:
          'Whether the pack is as printed. Null if it could not be verified now, which does not mean no.',
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
    description: 'What an EPCIS event does to the relation that it is about.',
    values: describedValues<EventAction>({
      ADD: 'It begins: made, put in, or assigned.',
      OBSERVE: 'It was seen and did not change.',
      DELETE: 'It ends: destroyed, taken out, or released.',
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
        description: 'Its events, in order of time and id, across institutions: 1,000 at most.',
        resolve: ({ events }) => events,
      }),
      containments: t.field({
        type: [ContainmentRef],
        description: 'What it was in, in order of time.',
        resolve: ({ containments }) => containments,
      }),
      hasMore: t.exposeBoolean('hasMore', {
        description:
          'Whether there are more events than a trace carries. If so, narrow `from` and `until`.',
      }),
    }),
  });
}

interface ActionRef {
  readonly $inferType: EventAction;
}

function addContainmentType<Opened>(builder: Builder<Opened>, ActionEnum: ActionRef) {
  return builder.objectRef<Containment>('Containment').implement({
    description: 'That a thing was put into a container, seen in it or taken out.',
    fields: (t) => ({
      child: t.field({
        type: 'URI',
        nullable: true,
        description: 'The thing. Null: all that the container held.',
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
          'Its EPCIS `eventID`. It has no `id`: two traces show one event differently, and so do two ' +
          'custodians, so a cache must not keep them as one.',
      }),
      type: t.field({
        type: TypeEnum,
        description: 'Its EPCIS type.',
        resolve: ({ type }) => type,
      }),
      action: t.field({
        type: ActionEnum as never,
        nullable: true,
        description: 'What it does. Null for a TransformationEvent, which has none.',
        resolve: ({ action }) => action as never,
      }),
      epcs: t.field({
        type: ['URI'],
        description: 'Of all that it touches, the things that this trace follows.',
        resolve: ({ epcs }) => epcs,
      }),
      declaredInError: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was declared not to have happened so. Null unless it was.',
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
          'That the event was logged. Null until its custodian has anchored this version of it.',
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

/** Adds where and when it happened, and to what end. */
function addBusiness<Opened>(
  builder: Builder<Opened>,
  ref: ReturnType<typeof eventRef<Opened>>,
): void {
  builder.objectFields(ref, (t) => ({
    bizStep: t.exposeString('bizStep', {
      nullable: true,
      description: `The step of business, as the Core Business Vocabulary names it. ${NULL_UNSAID}`,
    }),
    disposition: t.exposeString('disposition', {
      nullable: true,
      description: `The state of the things after it, as that vocabulary names it. ${NULL_UNSAID}`,
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
