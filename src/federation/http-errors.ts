import { HeaderMap } from '@apollo/server';
import type { FastifyError, FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';
import type { ERROR_CODES, ErrorCode } from '../core/error-codes.js';
import { DomainError, type ErrorFacts, isOurFault } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { DPOP_NONCE_HEADER } from '../core/signed/dpop.js';
import { NODE_NONCE_HEADER } from '../core/signed/gateway-request.js';
import { MAX_BODY_BYTES } from './document/limits.js';
import { extensionsOf } from './error-extensions.js';
import { HttpRefusal } from './http/refusal.js';

/**
 * The HTTP status of a request that is refused because of its sender, or that could not be judged;
 * any other code of ours is 400.
 */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  TOKEN_MISSING: 401,
  TOKEN_MALFORMED: 401,
  TOKEN_INCOMPLETE: 401,
  TOKEN_INVALID: 401,
  DPOP_REQUIRED: 401,
  DPOP_INVALID: 401,
  DPOP_NONCE_REQUIRED: 401,
  DPOP_UNSUPPORTED: 401,
  GATEWAY_SIGNATURE_INVALID: 401,
  GATEWAY_NONCE_REQUIRED: 401,
  FORWARDED: 401,
  BODY_CHANGED: 401,
  REPLAYED: 401,
  OPERATOR_TOKEN_INVALID: 401,
  OPERATOR_TOKEN_REVOKED: 401,
  OPERATOR_TOKEN_MISPLACED: 401,
  OPERATOR_REFUSED: 403,
  DOCUMENT_NOT_TRUSTED: 403,
  INPUT_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  REQUEST_TIMEOUT: 408,
  INTERNAL: 500,
  DATABASE_FAILED: 500,
  OVERLOADED: 503,
  STATE_UNWRITABLE: 507,
  DATABASE_UNAVAILABLE: 503,
  DATABASE_BUSY: 503,
  LEASE_LOST: 503,
  STOPPING: 503,
  LEDGER_UNAVAILABLE: 503,
  LEDGER_MISMATCH: 503,
  LEDGER_REGRESSED: 503,
};

export function statusOf(code: ErrorCode): number {
  return STATUS_OF_CODE[code] ?? 400;
}

/** The header in which a refusal says the nonce that would have been right. */
const NONCE_HEADER_OF_CODE: Partial<Record<ErrorCode, string>> = {
  GATEWAY_NONCE_REQUIRED: NODE_NONCE_HEADER,
  DPOP_NONCE_REQUIRED: DPOP_NONCE_HEADER,
};

/** Seconds after which an outage is asked about again, where nothing says how long it takes. */
export const DEFAULT_WAIT_SECONDS = 5;

/**
 * Seconds after which asking again can help; undefined where it never does.
 *
 * None where the refusal itself says what was missing.
 */
export function secondsUntilRetry({ code, retry, facts }: DomainError): number | undefined {
  if (retry !== 'LATER') return undefined;
  if (code in NONCE_HEADER_OF_CODE) return 0;
  const { seconds } = facts;
  return typeof seconds === 'number' ? Math.max(0, Math.ceil(seconds)) : DEFAULT_WAIT_SECONDS;
}

function headersOf(refusal: DomainError): Readonly<Record<string, string>> {
  const { code, facts } = refusal;
  const seconds = secondsUntilRetry(refusal);
  const nonceHeader = NONCE_HEADER_OF_CODE[code];
  return {
    ...(refusal instanceof HttpRefusal ? refusal.headers : {}),
    ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    ...(nonceHeader === undefined ? {} : { [nonceHeader]: String(facts.nonce) }),
  };
}

/**
 * Runs what opens a request, so that its refusal has a status as well as a code: Apollo answers 500
 * to whatever a context function throws.
 */
export async function openOrRefuse<Context>(open: () => Promise<Context>): Promise<Context> {
  try {
    return await open();
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    const headers = new HeaderMap(Object.entries(headersOf(thrown)));
    const http = { status: statusOf(thrown.code), headers };
    // Apollo's type of what it reads there; another package declares one of its own.
    const extensions: Readonly<Record<string, unknown>> = { http };
    throw new GraphQLError(thrown.message, { originalError: thrown, extensions });
  }
}

/** Answers what never reaches GraphQL, a body too large or not JSON, in the shape of its errors. */
export function answerHttpErrors(scope: FastifyInstance, logger: Logger): void {
  scope.setErrorHandler<FastifyError>((error, request, reply) => {
    const requestId = request.id;
    const { refusal, status } = readHttpError(error);
    if (refusal.code === 'INTERNAL') logger.error({ requestId, err: error }, 'a request failed');
    return reply
      .code(status)
      .headers(headersOf(refusal))
      .send({
        errors: [{ message: refusal.message, extensions: extensionsOf(refusal, requestId) }],
      });
  });
}

function readHttpError(error: FastifyError): { refusal: DomainError; status: number } {
  if (error instanceof HttpRefusal) return { refusal: error, status: error.status };
  if (error instanceof DomainError && !isOurFault(error)) {
    return { refusal: error, status: statusOf(error.code) };
  }
  if (error.statusCode === 413) return refused('INPUT_TOO_LARGE', 413, { most: MAX_BODY_BYTES });
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? refused('BAD_INPUT', status) : refused('INTERNAL', 500);
}

function refused(code: keyof typeof ERROR_CODES, status: number, facts: ErrorFacts = {}) {
  return { refusal: new DomainError(code, facts), status };
}
