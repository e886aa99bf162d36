import { z } from 'zod';
import {
  BIZ_STEPS,
  BIZ_TRANSACTION_TYPES,
  DISPOSITIONS,
  ERROR_REASONS,
  MEASUREMENT_TYPES,
  SENSOR_ALERTS,
  SENSOR_COMPONENTS,
  SOURCE_DESTINATION_TYPES,
} from './cbv.js';

/**
 * The five event types of EPCIS 2.0 in JSON, element by element.
 *
 * An element without a colon in its name belongs to the standard, so an unknown one is an error.
 * One with a colon is a user extension and kept unchanged. Objects that the standard closes allow
 * no extensions.
 *
 * @source https://ref.gs1.org/standards/epcis/2.0.1/ section 9.5 and its JSON Schema
 */
const uri = z.string().regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'is no URI');
const uris = z.array(uri);
const time = z.iso.datetime({ offset: true, error: 'is no date and time with a time zone' });
const action = z.enum(['ADD', 'OBSERVE', 'DELETE']);

/**
 * One of the vocabulary's terms without a prefix, a URI (also the vocabulary's own), or a prefixed
 * name.
 */
function word(list: ReadonlySet<string>, kind: string, name: string) {
  const own = new RegExp(`^(?:https://ref\\.gs1\\.org/cbv/${kind}-|cbv:${kind}-|urn:epcglobal:cbv:\
${kind.toLowerCase()}:)(.+)$`);
  return z
    .string()
    .transform((text) => own.exec(text)?.[1] ?? text)
    .refine((text) => list.has(text) || (text.includes(':') && !own.test(text)), {
      error: `is no ${name} of the Core Business Vocabulary`,
    });
}

/** An object that may contain user extensions. */
function open<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape).check((context) => {
    for (const name of Object.keys(context.value)) {
      if (Object.hasOwn(shape, name) || name.includes(':')) continue;
      const message = 'is no element of EPCIS 2.0 and has no namespace prefix';
      context.issues.push({ code: 'custom', path: [name], message, input: context.value });
    }
  });
}

/** Without a quantity the amount is unknown, and then there must be no unit. */
const quantity = z
  .strictObject({
    epcClass: uri,
    quantity: z.number().min(0).optional(),
    uom: z
      .string()
      .regex(/^[A-Z0-9]{2,3}$/, 'is no unit of UN/CEFACT Recommendation 20')
      .optional(),
  })
  .refine(({ quantity, uom }) => uom === undefined || quantity !== undefined, {
    path: ['quantity'],
    error: 'is missing although uom is given',
  });

const place = open({ id: uri });
const bizStep = word(BIZ_STEPS, 'BizStep', 'bizStep');
const disposition = word(DISPOSITIONS, 'Disp', 'disposition');
const partyType = word(SOURCE_DESTINATION_TYPES, 'SDT', 'source or destination type');

const sensorReport = open({
  type: sensorWord(MEASUREMENT_TYPES, 'measurement type').optional(),
  exception: sensorWord(SENSOR_ALERTS, 'sensor alert type').optional(),
  component: sensorWord(SENSOR_COMPONENTS, 'component').optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
  coordinateReferenceSystem: uri.optional(),
  time: time.optional(),
  microorganism: uri.optional(),
  chemicalSubstance: uri.optional(),
  value: z.number().optional(),
  minValue: z.number().optional(),
  maxValue: z.number().optional(),
  meanValue: z.number().optional(),
  sDev: z.number().optional(),
  percRank: z.number().optional(),
  percValue: z.number().optional(),
  stringValue: z.string().optional(),
  booleanValue: z.boolean().optional(),
  hexBinaryValue: z
    .string()
    .regex(/^[A-Fa-f0-9]+$/)
    .optional(),
  uriValue: uri.optional(),
  uom: z.string().optional(),
});

function sensorWord(list: ReadonlySet<string>, name: string) {
  return z.string().refine((text) => list.has(text) || text.includes(':'), {
    error: `is no ${name} of the GS1 Web Vocabulary`,
  });
}

const sensorElement = open({
  sensorMetadata: open({
    time: time.optional(),
    startTime: time.optional(),
    endTime: time.optional(),
    deviceID: uri.optional(),
    deviceMetadata: uri.optional(),
    rawData: uri.optional(),
    dataProcessingMethod: uri.optional(),
    bizRules: uri.optional(),
  }).optional(),
  sensorReport: z.array(sensorReport).min(1),
});

/**
 * Instance and lot master data: only extensions and cbvmda elements, so every element has a prefix.
 */
const ilmd = open({});

const common = {
  '@context': z.unknown().optional(),
  type: z.string(),
  eventID: uri.optional(),
  eventTime: time,
  recordTime: time.optional(),
  eventTimeZoneOffset: z
    .string()
    .regex(/^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$/, 'is no time zone offset'),
  certificationInfo: z.union([uri, uris], { error: 'is no URI or list of URIs' }).optional(),
  errorDeclaration: open({
    declarationTime: time,
    reason: word(ERROR_REASONS, 'ER', 'error reason').optional(),
    correctiveEventIDs: uris.optional(),
  }).optional(),
  bizStep: bizStep.optional(),
  disposition: disposition.optional(),
  persistentDisposition: z
    .strictObject({ set: z.array(disposition).optional(), unset: z.array(disposition).optional() })
    .optional(),
  readPoint: place.optional(),
  bizLocation: place.optional(),
  bizTransactionList: z
    .array(
      z.strictObject({
        type: word(BIZ_TRANSACTION_TYPES, 'BTT', 'business transaction type').optional(),
        bizTransaction: uri,
      }),
    )
    .optional(),
  sourceList: z.array(z.strictObject({ type: partyType, source: uri })).optional(),
  destinationList: z.array(z.strictObject({ type: partyType, destination: uri })).optional(),
  sensorElementList: z.array(sensorElement).optional(),
};

const some = (list: readonly unknown[] | undefined): boolean => (list?.length ?? 0) > 0;

const ObjectEvent = open({
  ...common,
  action,
  epcList: uris.optional(),
  quantityList: z.array(quantity).optional(),
  ilmd: ilmd.optional(),
})
  .refine(
    (event) =>
      some(event.epcList) ||
      some(event.quantityList) ||
      (some(event.sensorElementList) && event.readPoint !== undefined),
    { path: ['epcList'], error: 'is missing, and so is quantityList: the event is about nothing' },
  )
  .refine((event) => event.ilmd === undefined || event.action === 'ADD', {
    path: ['ilmd'],
    error: 'is allowed only in an event whose action is ADD',
  });

const parentAndChildren = {
  action,
  parentID: uri.optional(),
  childEPCs: uris.optional(),
  childQuantityList: z.array(quantity).optional(),
};

interface Children {
  readonly action: string;
  readonly childEPCs?: readonly string[] | undefined;
  readonly childQuantityList?: readonly unknown[] | undefined;
}

/** Only a DELETE may leave out the children: then it means all of them. */
const hasChildren = (event: Children): boolean =>
  event.action === 'DELETE' || some(event.childEPCs) || some(event.childQuantityList);
const NO_CHILDREN = { path: ['childEPCs'], error: 'is missing, and so is childQuantityList' };

const AggregationEvent = open({ ...common, ...parentAndChildren })
  .refine(hasChildren, NO_CHILDREN)
  .refine((event) => event.action === 'OBSERVE' || event.parentID !== undefined, {
    path: ['parentID'],
    error: 'is missing: only an OBSERVE may leave it out',
  });

const AssociationEvent = open({ ...common, ...parentAndChildren, parentID: uri }).refine(
  hasChildren,
  NO_CHILDREN,
);

const TransactionEvent = open({
  ...common,
  action,
  bizTransactionList: common.bizTransactionList.unwrap().min(1),
  parentID: uri.optional(),
  epcList: uris.optional(),
  quantityList: z.array(quantity).optional(),
}).refine((event) => event.action === 'DELETE' || some(event.epcList) || some(event.quantityList), {
  path: ['epcList'],
  error: 'is missing, and so is quantityList',
});

const TransformationEvent = open({
  ...common,
  inputEPCList: uris.optional(),
  inputQuantityList: z.array(quantity).optional(),
  outputEPCList: uris.optional(),
  outputQuantityList: z.array(quantity).optional(),
  transformationID: uri.optional(),
  ilmd: ilmd.optional(),
}).refine(
  (event) => {
    const inputs = some(event.inputEPCList) || some(event.inputQuantityList);
    const outputs = some(event.outputEPCList) || some(event.outputQuantityList);
    return event.transformationID === undefined ? inputs && outputs : inputs || outputs;
  },
  {
    path: ['inputEPCList'],
    error: 'inputs and outputs are both needed unless a transformationID joins several events',
  },
);

/** The schema of each event type, by name. Other types are vendor-specific and not stored. */
export const EVENT_SCHEMAS = {
  ObjectEvent,
  AggregationEvent,
  AssociationEvent,
  TransactionEvent,
  TransformationEvent,
} as const;

type Uris = readonly string[] | undefined;
type Quantities = readonly { readonly epcClass: string }[] | undefined;
type Place = { readonly id: string } | undefined;

/** A validated event of any type, with the elements that are read here. */
export interface WireEvent {
  readonly eventID?: string | undefined;
  readonly eventTime: string;
  readonly action?: 'ADD' | 'OBSERVE' | 'DELETE' | undefined;
  readonly bizStep?: string | undefined;
  readonly disposition?: string | undefined;
  readonly persistentDisposition?: { readonly set?: Uris } | undefined;
  readonly readPoint?: Place;
  readonly bizLocation?: Place;
  readonly errorDeclaration?: { readonly declarationTime: string } | undefined;
  readonly sourceList?: readonly { readonly source: string }[] | undefined;
  readonly destinationList?: readonly { readonly destination: string }[] | undefined;
  readonly parentID?: string | undefined;
  readonly epcList?: Uris;
  readonly childEPCs?: Uris;
  readonly inputEPCList?: Uris;
  readonly outputEPCList?: Uris;
  readonly quantityList?: Quantities;
  readonly childQuantityList?: Quantities;
  readonly inputQuantityList?: Quantities;
  readonly outputQuantityList?: Quantities;
  readonly ilmd?: Readonly<Record<string, unknown>> | undefined;
}
