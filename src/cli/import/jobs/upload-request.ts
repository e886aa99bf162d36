import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DomainError } from '../../../core/errors.js';
import type { FileForm } from '../../../core/import/import-files.js';
import { MAX_IMPORT_BYTES } from '../../../core/import/json-file.js';
import { HttpRefusal } from '../../../federation/http/refusal.js';
import { toServer } from '../../../records/identity/server.js';
import { type ImportInput, STANDARDS, type Standard } from '../standard.js';

/** For each content type, the possible standards (the default first) and the form. */
export const UPLOAD_TYPES: Readonly<
  Record<string, { readonly form: FileForm; readonly of: readonly Standard[] }>
> = {
  'application/fhir+ndjson': { form: 'LINES', of: ['fhir'] },
  'application/fhir+json': { form: 'JSON', of: ['fhir'] },
  'application/x-ndjson': { form: 'LINES', of: STANDARDS },
  'application/ndjson': { form: 'LINES', of: STANDARDS },
  'application/json': { form: 'JSON', of: STANDARDS },
  'application/ld+json': { form: 'JSON', of: ['epcis'] },
};

const BOOLEAN = z.enum(['true', 'false']).default('false');

/** The query parameters of an upload. Unknown ones are refused, because they may be misspelt. */
const Query = z.strictObject({
  standard: z.enum(STANDARDS).optional(),
  /** Its name in reports and stored rows; never part of a path. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
    .optional(),
  base: z.string().optional(),
  longIds: z.enum(['refuse', 'map']).default('refuse'),
  dryRun: BOOLEAN,
});

/** An upload as described by its request. */
export interface UploadRequest {
  readonly standard: Standard;
  readonly form: FileForm;
  readonly name: string | undefined;
  readonly dryRun: boolean;
  readonly read: Pick<ImportInput, 'server' | 'longIds'>;
  /** Maximum bytes of the body, both as sent and decompressed. */
  readonly mostBytes: number;
}

/**
 * @param mostBytes - for FHIR in lines, which is read as a stream; everything else is read as a
 *   whole.
 * @throws HttpRefusal 415 for a content type that is not of that standard; DomainError BAD_INPUT
 *   naming the wrong query parameter.
 */
export function readUploadRequest(
  { query, headers }: Pick<FastifyRequest, 'query' | 'headers'>,
  mostBytes: number,
): UploadRequest {
  const read = Query.safeParse(query);
  if (!read.success) throw new DomainError('BAD_INPUT', { query: issueOf(read.error) });
  const { standard: said, name, base, longIds, dryRun } = read.data;
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';', 1);
  const known = UPLOAD_TYPES[type.trim()];
  const standard = said ?? (known?.of.length === 1 ? known.of[0] : undefined);
  if (known !== undefined && standard === undefined) {
    throw new DomainError('BAD_INPUT', { query: 'standard' });
  }
  if (known === undefined || standard === undefined || !known.of.includes(standard)) {
    throw new HttpRefusal(
      415,
      { type: 'unknown' },
      { accept: Object.keys(UPLOAD_TYPES).join(', ') },
    );
  }
  const isRead = known.form === 'LINES' && standard === 'fhir';
  return {
    standard,
    form: known.form,
    name,
    dryRun: dryRun === 'true',
    read: {
      longIds: longIds === 'map',
      ...(base === undefined ? {} : { server: toServer(base) }),
    },
    mostBytes: isRead ? mostBytes : Math.min(mostBytes, MAX_IMPORT_BYTES),
  };
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  // An unknown parameter name is the sender's text, so it is not repeated in the answer.
  return issue?.code === 'unrecognized_keys' ? 'unknown' : String(issue?.path[0] ?? 'unknown');
}
