import { z } from 'zod';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';

/** As `@apollo/generate-persisted-query-manifest` writes it. */
const ApolloForm = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});
/** As relay-compiler and graphql-codegen's client preset write it, told to hash with SHA-256: text by hash. */
const ByHashForm = z.record(z.string(), z.string());

/**
 * Reads a manifest of documents, as a portal's build writes it.
 *
 * @returns the documents' texts. @throws DomainError BAD_INPUT {id} where a name is not the SHA-256 of its text;
 * a SyntaxError or a ZodError for another form.
 */
export function readManifest(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  const apollo = ApolloForm.safeParse(parsed);
  const named = apollo.success
    ? apollo.data.operations.map(({ id, body }) => [id, body] as const)
    : Object.entries(ByHashForm.parse(parsed));
  return named.map(([id, text]) => {
    if (id.replace(/^sha256:/, '') !== sha256Hex(text)) throw new DomainError('BAD_INPUT', { id });
    return text;
  });
}
