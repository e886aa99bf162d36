import { calculateJwkThumbprint } from 'jose';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import { DPOP_HEADER, DPOP_NONCE_HEADER } from '../../core/signed/dpop.js';
import type { ProvenRequest } from './dpop.js';
import { type ExchangeLimits, exchangeJson, type Fetch, type JsonAnswer } from './exchange.js';
import type { Credential } from './session.js';

/** A gateway's answer. Errors next to data concern parts of it; each has its own code. */
export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly DomainError[];
}

export interface GraphqlRequest {
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The requester's credential for this gateway; absent for public questions. */
  readonly credential?: Credential;
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A gateway, known by its key. It sees the rows that it merges, so run your own or use one that you
 * trust.
 */
export interface Gateway {
  /** RFC 7638 thumbprint of its key: the audience of tokens for it. */
  readonly thumbprint: string;
  /**
   * Sends one request.
   *
   * @throws the answer's own code if it has no data, with `retryAfterSeconds` if it said
   *   `Retry-After`; SOURCE_FAILED if there is no answer.
   */
  send(request: GraphqlRequest): Promise<GraphqlAnswer>;
}

const WELL_KNOWN_LIMITS = { timeoutMs: 10_000, maxBytes: 65_536 };
/** A presentation of 1,000 proofs may take a node two minutes. */
const ANSWER_LIMITS = { timeoutMs: 180_000, maxBytes: 64 * 1024 * 1024 };

const WellKnownForm = z.object({
  gateway: z.object({
    jwk: z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
    }),
  }),
});
const AnswerForm = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        extensions: z
          .object({
            // GraphQL's own error codes are in `code`.
            assentCode: z.string().optional(),
            code: z.string().optional(),
            requestId: z.string().optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

/**
 * Connects to a gateway: fetches its key and requires the expected one, if given.
 *
 * @param options.url - its origin, without a trailing slash.
 * @param options.thumbprint - of the key that it must have; without it any key is accepted.
 * @throws GATEWAY_MISMATCH, SOURCE_FAILED
 */
export async function connectGateway(options: {
  readonly url: string;
  readonly fetch: Fetch;
  readonly thumbprint?: string;
  readonly limits?: ExchangeLimits;
}): Promise<Gateway> {
  const { url, limits = ANSWER_LIMITS } = options;
  const known = `${url}/.well-known/assent`;
  const { json, headers } = await exchangeJson(options.fetch, known, {}, WELL_KNOWN_LIMITS);
  const parsed = WellKnownForm.safeParse(json);
  if (!parsed.success) throw new DomainError('SOURCE_FAILED', { expected: 'well-known' });
  // Computed here, because a gateway's claim about its own thumbprint proves nothing.
  const thumbprint = await calculateJwkThumbprint(parsed.data.gateway.jwk, 'sha256');
  if (options.thumbprint !== undefined && options.thumbprint !== thumbprint) {
    throw new DomainError('GATEWAY_MISMATCH', { thumbprint });
  }
  const graphql = `${url}/graphql`;
  let nonce = headers.get(DPOP_NONCE_HEADER) ?? undefined;

  async function post(body: string, { credential, signal }: GraphqlRequest): Promise<JsonAnswer> {
    const request = { method: 'POST', url: graphql, body, nonce };
    const signed = credential === undefined ? {} : await headersOf(credential, request);
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed },
      body,
      ...(signal === undefined ? {} : { signal }),
    };
    return exchangeJson(options.fetch, graphql, init, limits);
  }

  return {
    thumbprint,
    async send(request) {
      const { document, variables = {}, credential } = request;
      const body = JSON.stringify({ query: document, variables });
      const sentNonce = nonce;
      let answer = await post(body, request);
      // A restarted gateway has a new nonce, and refuses a proof without it.
      const said = answer.headers.get(DPOP_NONCE_HEADER);
      const isRefused = answer.status === 401 && said !== null && said !== sentNonce;
      if (isRefused && credential?.prove !== undefined) {
        nonce = said;
        answer = await post(body, request);
      }
      return readAnswer(answer);
    },
  };
}

async function headersOf(
  { token, prove }: Credential,
  request: ProvenRequest,
): Promise<Readonly<Record<string, string>>> {
  if (prove === undefined) return { authorization: `Bearer ${token}` };
  return { authorization: `DPoP ${token}`, [DPOP_HEADER]: await prove(request) };
}

function readAnswer({ json, headers }: JsonAnswer): GraphqlAnswer {
  const parsed = AnswerForm.safeParse(json);
  if (!parsed.success) throw new DomainError('SOURCE_FAILED', { expected: 'GraphQL answer' });
  const retryAfter = headers.get('retry-after') ?? '';
  const retryAfterSeconds = /^[0-9]{1,9}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  const errors = (parsed.data.errors ?? []).map(({ extensions }) => {
    const requestId = extensions?.requestId;
    return new DomainError(knownCode(extensions?.assentCode ?? extensions?.code), {
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  });
  const { data } = parsed.data;
  if (data === undefined || data === null) throw errors[0] ?? new DomainError('SOURCE_FAILED');
  return { data, errors };
}

/** A newer gateway may have codes that this kit does not know. */
export function knownCode(code: string | undefined): ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code)
    ? (code as ErrorCode)
    : 'SOURCE_FAILED';
}
