import { z } from 'zod';

/**
 * A field element as text: a canonical decimal of at most 77 digits. That it is below the field order is for
 * zk's parseCanonicalDecimal to say.
 */
export const FIELD_TEXT = /^(?:0|[1-9][0-9]{0,76})$/;

/** The same as a form of what another party sent. */
export const fieldText = z.string().regex(FIELD_TEXT);
