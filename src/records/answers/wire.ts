import { z } from 'zod';
import {
  type InstitutionId,
  type Pseudonym as PseudonymId,
  toPseudonym,
  toStudyId,
} from '../../core/ids.js';
import { listOf } from '../../core/list-of.js';
import { OWN_SOURCE_FIELDS } from '../../graph/own-source.js';
import { RECORD_CLASSES, SEXES } from '../model/model.js';
import { custodianOf } from '../model/wire-element.js';

/*
 * What the network asks a node apart from rows, and the strict form of the answer. Rows are in
 * wire-element.ts.
 */

export const DEMOGRAPHICS_FIELDS = 'custodian { id } sex birthYear';
export const WITHHELD_FIELDS = 'withheld { dataClass reason }';
export const PAGE_FIELDS = `pageInfo { hasNextPage } ${OWN_SOURCE_FIELDS}`;

export function demographicsOf(institution: InstitutionId) {
  return z.strictObject({
    custodian: custodianOf(institution),
    sex: z.enum(SEXES).nullable(),
    birthYear: z.int().min(1_900).max(2_200).nullable(),
  });
}

export const Withheld = listOf(
  z.strictObject({
    dataClass: z.enum(RECORD_CLASSES),
    reason: z.enum(['OUTSIDE_SCOPE', 'OUTSIDE_WINDOW']),
  }),
  RECORD_CLASSES.length,
);

export const Pseudonym = z.string().transform(toPseudonym);
export const StudyKey = z
  .strictObject({ registryId: z.string() })
  .transform(({ registryId }) => toStudyId(registryId));
export const PageInfo = z.strictObject({ hasNextPage: z.boolean() });

/** One entity per representation, null where the node may not show one. */
export function entitiesOf<Entity extends z.ZodType>(entity: Entity, count: number) {
  return z.strictObject({ _entities: listOf(entity.nullable(), count, count) });
}

/**
 * Requires that the entity is the participant asked for: otherwise one person's rows would appear
 * under another.
 */
export function answering<Entity extends { readonly pseudonym: PseudonymId }>(
  entity: Entity | null,
  asked: PseudonymId | undefined,
): Entity | undefined {
  if (entity === null) return undefined;
  if (entity.pseudonym !== asked)
    throw new Error('an entity answers the representation at its place');
  return entity;
}
