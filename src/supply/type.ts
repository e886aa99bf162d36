import { addEvidenceType } from '../consent/evidence/type-evidence.js';
import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import {
  type Containment,
  EVENT_ACTIONS,
  EVENT_TYPES,
  type Trace,
  type TracedEvent,
  type Verification,
  VRS_REASONS,
} from './model.js';

type Federated<Opened> = FederatedTypes<Opened>;

/** Adds Verification: a manufacturer's yes or no. */
export function addVerificationType<Opened>(
  builder: Builder<Opened>,
  { FederatedRef }: Federated<Opened>,
) {
  const ReasonEnum = builder.enumType('VrsReason', {
    description: 'Why a product is not verified.',
    values: Object.fromEntries(
      VRS_REASONS.map((reason) => [
        reason,
        reason === 'SOURCE_UNAVAILABLE'
          ? { description: 'It could not be verified now: a manufacturer did not answer.' }
          : {},
      ]),
    ) as Record<(typeof VRS_REASONS)[number], { description?: string }>,
  });
  return builder.objectRef<Verification>('Verification').implement({
    description: "A manufacturer's word on the four identifiers printed on a pack.",
    interfaces: [FederatedRef as never],
    fields: (t) => ({
      verified: t.boolean({
        nullable: true,
        description: 'Null: it could not be verified now. That is no no.',
        resolve: ({ verified }) => verified,
      }),
      reason: t.field({ type: ReasonEnum, nullable: true, resolve: ({ reason }) => reason }),
      respondedAt: t.field({
        type: 'DateTime',
        resolve: ({ respondedAtMs }) => new Date(respondedAtMs),
      }),
    }),
  });
}

/** Adds Trace with its events and containments. */
export function addTraceType<Opened>(builder: Builder<Opened>, federated: Federated<Opened>) {
  const ActionEnum = builder.enumType('EventAction', { values: EVENT_ACTIONS });
  const EventRef = addEventType(builder, federated, ActionEnum);
  const ContainmentRef = builder.objectRef<Containment>('Containment').implement({
    description: 'That a thing was put into a container, seen in it or taken out.',
    fields: (t) => ({
      child: t.field({
        type: 'URI',
        nullable: true,
        description: 'Null: all that the container held.',
        resolve: ({ child }) => child,
      }),
      parent: t.field({ type: 'URI', resolve: ({ parent }) => parent }),
      action: t.field({ type: ActionEnum, resolve: ({ action }) => action }),
      time: t.field({ type: 'DateTime', resolve: ({ timeMs }) => new Date(timeMs) }),
    }),
  });
  return builder.objectRef<Trace>('Trace').implement({
    description: 'What happened to an item, and to its containers while it was in them.',
    interfaces: [federated.FederatedRef as never],
    fields: (t) => ({
      item: t.field({ type: 'URI', resolve: ({ item }) => item }),
      events: t.field({
        type: [EventRef],
        description: 'In order of time and id, across institutions.',
        resolve: ({ events }) => events,
      }),
      containments: t.field({
        type: [ContainmentRef],
        resolve: ({ containments }) => containments,
      }),
      hasMore: t.exposeBoolean('hasMore', {
        description: 'There are more events than a trace carries: narrow from and until.',
      }),
    }),
  });
}

function addEventType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: Federated<Opened>,
  ActionEnum: { readonly $inferType: TracedEvent['action'] & string },
) {
  const TypeEnum = builder.enumType('EventType', { values: EVENT_TYPES });
  const EvidenceRef = addEvidenceType(builder, { institutionRef });
  return builder.objectRef<TracedEvent>('Event').implement({
    description: 'An EPCIS 2.0 event.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its eventID.' }),
      type: t.field({ type: TypeEnum, resolve: ({ type }) => type }),
      action: t.field({
        type: ActionEnum as never,
        nullable: true,
        description: 'Null for a TransformationEvent, which has none.',
        resolve: ({ action }) => action as never,
      }),
      bizStep: t.exposeString('bizStep', { nullable: true }),
      disposition: t.exposeString('disposition', { nullable: true }),
      eventTime: t.field({ type: 'DateTime', resolve: ({ eventTimeMs }) => new Date(eventTimeMs) }),
      readPoint: t.field({ type: 'URI', nullable: true, resolve: ({ readPoint }) => readPoint }),
      bizLocation: t.field({
        type: 'URI',
        nullable: true,
        resolve: ({ bizLocation }) => bizLocation,
      }),
      epcs: t.field({
        type: ['URI'],
        description: 'Of all that it touches, the things that this trace follows.',
        resolve: ({ epcs }) => epcs,
      }),
      declaredInError: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was declared not to have happened so.',
        resolve: ({ declaredInErrorMs }) =>
          declaredInErrorMs === null ? null : new Date(declaredInErrorMs),
      }),
      custodian: t.field({ type: institutionRef, resolve: ({ custodian }) => ({ id: custodian }) }),
      evidence: t.field({
        type: EvidenceRef,
        nullable: true,
        description: 'Null until its custodian has anchored this version of the event.',
        resolve: ({ evidence }) => evidence,
      }),
    }),
  });
}
