import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';

const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*)$/i;
/** How a JWT begins, `{"`; then three parts, of which the last may be empty. */
const JWT_ANYWHERE = /eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/;

/**
 * The operator token of a request: of its one Authorization header and from nowhere else.
 *
 * Node takes the first of two headers of that name and a proxy before it may have judged the
 * second, so two are refused. A token in the URL is refused even with a correct header: URLs are
 * written into logs on the way.
 *
 * @throws DomainError TOKEN_MISSING; OPERATOR_TOKEN_INVALID {claim: header | target | form}
 */
export function operatorBearer({ raw, url }: Pick<FastifyRequest, 'raw' | 'url'>): string {
  if (/[?&]access_token=/i.test(url) || JWT_ANYWHERE.test(decoded(url))) throw invalid('target');
  const headers = headersNamed(raw.rawHeaders, 'authorization');
  const [header] = headers;
  if (header === undefined) throw new DomainError('TOKEN_MISSING');
  if (headers.length > 1) throw invalid('header');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw invalid('form');
  return token;
}

function headersNamed(raw: readonly string[], name: string): readonly string[] {
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function invalid(claim: string): DomainError {
  return new DomainError('OPERATOR_TOKEN_INVALID', { claim });
}
