import type { ApolloServerPlugin, GraphQLRequest } from '@apollo/server';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { refuseUnparsed } from '../document/unparsed.js';
import type { TrustedDocuments } from './documents.js';

/**
 * Finds the text of a trusted document by its hash, and refuses every other where only those are answered. What it
 * finds is measured, validated and run like any document that was sent.
 *
 * A hash comes as `extensions.persistedQuery.sha256Hash` (Apollo Client, urql, Relay) or as `documentId`
 * (GraphQL over HTTP, persisted documents), in a body or a URL. No document is ever registered by sending it: it
 * would outlive its request with the values that are written in it, and anyone could fill the store.
 */
export function trustedDocumentsPlugin(trusted: TrustedDocuments): ApolloServerPlugin {
  return {
    requestDidStart: async ({ request }) => {
      const wrong = findText(request, trusted);
      let refuse: () => void = () => undefined;
      return {
        didResolveSource: async (context) => {
          const isRefused = trusted.trust === 'only' && !trusted.has(context.source);
          const refusal =
            wrong ?? (isRefused ? new DomainError('DOCUMENT_NOT_TRUSTED') : undefined);
          if (refusal !== undefined) refuse = refuseUnparsed(context, refusal);
        },
        didResolveOperation: async () => refuse(),
      };
    },
  };
}

type Changing = { -readonly [Key in keyof GraphQLRequest]: GraphQLRequest[Key] };

/**
 * Puts the text in the place of its hash. Apollo refuses by the standard's code what still names one afterwards.
 *
 * @returns what is wrong with a hash beside a text.
 */
function findText(request: Changing, { trust, textOf }: TrustedDocuments): DomainError | undefined {
  const hash = hashIn(request);
  if (hash === undefined) return undefined;
  const { persistedQuery: _, ...extensions } = request.extensions ?? {};
  const text = request.query ?? textOf(hash);
  if (trust === 'off' || text === undefined) {
    request.extensions = { ...extensions, persistedQuery: { version: 1, sha256Hash: hash } };
    return undefined;
  }
  const isOther = request.query !== undefined && sha256Hex(text) !== hash;
  request.query = text;
  request.extensions = extensions;
  return isOther ? new DomainError('BAD_INPUT', { hash: 'of another text' }) : undefined;
}

/** No document has it, so that a hash of another form is unknown like any other. */
const UNKNOWN_HASH = '';

function hashIn({ query, extensions, http }: GraphQLRequest): string | undefined {
  const persisted = extensions?.persistedQuery as PersistedQuery | null | undefined;
  if (persisted !== undefined && persisted !== null) {
    const { version, sha256Hash: hash } = persisted;
    return version === 1 && typeof hash === 'string' ? hash : UNKNOWN_HASH;
  }
  // A text goes before a documentId, which then says nothing.
  if (query !== undefined) return undefined;
  const body = http?.body as { readonly documentId?: unknown } | null | undefined;
  const [inUrl, ...more] = new URLSearchParams(http?.search).getAll('documentId');
  const id = http?.method === 'GET' ? inUrl : body?.documentId;
  if (typeof id !== 'string' || more.length > 0) return undefined;
  return /^sha256:([0-9a-f]{64})$/.exec(id)?.[1] ?? UNKNOWN_HASH;
}

interface PersistedQuery {
  readonly version?: unknown;
  readonly sha256Hash?: unknown;
}
