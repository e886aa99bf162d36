import { z } from 'zod';
import {
  type InstitutionId,
  type Pseudonym as PseudonymId,
  toPseudonym,
  toStudyId,
} from '../core/ids.js';
import { secondsFromIso, toPeriod } from '../core/time.js';
import {
  CLINICAL_STATUSES,
  DISPENSE_STATUSES,
  OBSERVATION_STATUSES,
  RECORD_CLASSES,
  SEXES,
  VERIFICATION_STATUSES,
} from './model.js';

/*
 * What the network asks of a node, and the strict form of its answer: another institution's node
 * may be faulty or dishonest, and its rows stand beside those of others.
 */

const CODED = 'coding { system code display }';
const VALUE = `value { ... on Quantity { value unit code } ... on CodeableConcept { ${CODED} }
  ... on StringValue { text } }`;
const RECORD = 'id custodian { id } recorded';

export const CONDITION_FIELDS = `${RECORD} code { ${CODED} } clinicalStatus verificationStatus
  onset abatement`;
export const OBSERVATION_FIELDS = `${RECORD} status category { ${CODED} } code { ${CODED} }
  effective { from until } ${VALUE} component { code { ${CODED} } ${VALUE} }`;
export const DISPENSE_FIELDS = `${RECORD} status medication { ${CODED} }
  quantity { value unit code } daysSupply { value unit code } lot { gtin lot }`;
export const DEMOGRAPHICS_FIELDS = 'custodian { id } sex birthYear';
export const WITHHELD_FIELDS = 'withheld { dataClass reason }';
export const PAGE_FIELDS = 'pageInfo { hasNextPage } sources { institution { id } status }';

const shortText = z.string().max(200);
const civilDate = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/);
const concept = z.strictObject({
  coding: z
    .array(
      z.strictObject({
        system: z.string().regex(/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]{1,200}$/),
        code: shortText,
        display: shortText.nullable(),
      }),
    )
    .max(100),
});
const quantity = z.strictObject({
  value: z.string().regex(/^-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?$/),
  unit: shortText.nullable(),
  code: shortText.nullable(),
});
const value = z.union([quantity, concept, z.strictObject({ text: shortText })]).nullable();
const period = z
  .strictObject({ from: z.string(), until: z.string() })
  .transform(({ from, until }) => toPeriod(secondsFromIso(from), secondsFromIso(until)));

/** A row's own institution is the only custodian that it can name. */
function recordOf(institution: InstitutionId) {
  return {
    id: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
    custodian: custodianOf(institution),
    recorded: civilDate.nullable(),
  };
}

function custodianOf(institution: InstitutionId) {
  return z.strictObject({ id: z.literal(institution) }).transform((): InstitutionId => institution);
}

export function conditionOf(institution: InstitutionId) {
  return z.strictObject({
    ...recordOf(institution),
    code: concept,
    clinicalStatus: z.enum(CLINICAL_STATUSES).nullable(),
    verificationStatus: z.enum(VERIFICATION_STATUSES).nullable(),
    onset: civilDate.nullable(),
    abatement: civilDate.nullable(),
  });
}

export function observationOf(institution: InstitutionId) {
  return z.strictObject({
    ...recordOf(institution),
    status: z.enum(OBSERVATION_STATUSES),
    category: z.array(concept).max(100),
    code: concept,
    effective: period.nullable(),
    value,
    component: z.array(z.strictObject({ code: concept, value })).max(1_000),
  });
}

export function dispenseOf(institution: InstitutionId) {
  return z.strictObject({
    ...recordOf(institution),
    status: z.enum(DISPENSE_STATUSES),
    medication: concept,
    quantity: quantity.nullable(),
    daysSupply: quantity.nullable(),
    lot: z
      .strictObject({ gtin: z.string().regex(/^\d{14}$/), lot: z.string().min(1).max(20) })
      .nullable(),
  });
}

export function demographicsOf(institution: InstitutionId) {
  return z.strictObject({
    custodian: custodianOf(institution),
    sex: z.enum(SEXES).nullable(),
    birthYear: z.int().min(1_900).max(2_200).nullable(),
  });
}

export const Withheld = z
  .array(
    z.strictObject({
      dataClass: z.enum(RECORD_CLASSES),
      reason: z.enum(['OUTSIDE_SCOPE', 'OUTSIDE_WINDOW']),
    }),
  )
  .max(RECORD_CLASSES.length);

export const Pseudonym = z.string().transform(toPseudonym);
export const StudyKey = z.strictObject({ id: z.string() }).transform(({ id }) => toStudyId(id));
export const PageInfo = z.strictObject({ hasNextPage: z.boolean() });

/** A node speaks for itself alone, and either was shown something or was not. */
export function ownSource(institution: InstitutionId) {
  return z
    .array(
      z.strictObject({
        institution: z.strictObject({ id: z.literal(institution) }),
        status: z.enum(['OK', 'NOT_PRESENTED']),
      }),
    )
    .length(1)
    .transform(([source]) => source?.status ?? 'NOT_PRESENTED');
}

/** One entity per representation, null where the node knows none that it may tell of. */
export function entitiesOf<Entity extends z.ZodType>(entity: Entity, count: number) {
  return z.strictObject({ _entities: z.array(entity.nullable()).length(count) });
}

/** An entity of another participant in this one's place would put one person's rows under another. */
export function answering<Entity extends { readonly pseudonym: PseudonymId }>(
  entity: Entity | null,
  asked: PseudonymId | undefined,
): Entity | undefined {
  if (entity === null) return undefined;
  if (entity.pseudonym !== asked)
    throw new Error('an entity answers the representation at its place');
  return entity;
}
