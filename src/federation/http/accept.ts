import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { HttpRefusal } from './refusal.js';

/** What a GraphQL answer can be, as the server beneath names it when it chooses. */
const ANSWER_TYPES = [
  'application/json; charset=utf-8',
  'application/graphql-response+json; charset=utf-8',
];

/**
 * A hook that refuses with 406 a request whose `Accept` leaves no form for its answer. The server beneath finds
 * that only when it has the answer: a mutation would be carried out, and look refused.
 */
export async function requireAcceptable({ raw, headers }: FastifyRequest): Promise<void> {
  if (headers.accept === undefined || headers.accept === '') return;
  if (new Negotiator(raw).mediaType(ANSWER_TYPES) !== undefined) return;
  throw new HttpRefusal(406, { accepted: 'no JSON' });
}
