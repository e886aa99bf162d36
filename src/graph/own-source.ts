import { z } from 'zod';
import type { InstitutionId } from '../core/ids.js';
import { keptForms } from '../core/kept-forms.js';
import { listOf } from '../core/list-of.js';
import type { SourceStatus } from './ask.js';

/** The fields in which a node reports its own state, asked for along with rows or access. */
export const OWN_SOURCE_FIELDS = 'sources { institution { id } status }';

/** What a node says of itself, where it answered at all. */
export type OwnStatus = Extract<SourceStatus, 'OK' | 'NOT_PRESENTED'>;

/** Reads the answer to OWN_SOURCE_FIELDS: a node speaks for itself alone, and either was shown something or was not. */
export const ownSource = keptForms((institution: InstitutionId) =>
  listOf(
    z.strictObject({
      institution: z.strictObject({ id: z.literal(institution) }),
      status: z.enum(['OK', 'NOT_PRESENTED']),
    }),
    1,
    1,
  ).transform(([source]): OwnStatus => source?.status ?? 'NOT_PRESENTED'),
);
