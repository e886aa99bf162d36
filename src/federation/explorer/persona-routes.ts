import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DomainError, isOurFault } from '../../core/errors.js';
import { HttpRefusal } from '../http/refusal.js';
import type { Personas } from './personas.js';
import { isOwnPage } from './visitor.js';

const AskedForm = z.object({
  persona: z.string(),
  /** The thumbprint of the session's key; a new one without it. */
  session: z.string().optional(),
});
const AskedProofForm = AskedForm.required();

/**
 * Adds what the explorer's page asks the pilot for: tokens and proofs of its personas. For any
 * client but that page in a browser on this machine, these paths do not exist.
 */
export function addPersonaRoutes(app: FastifyInstance, personas: Personas, pageKey: string): void {
  const onRequest = async (request: FastifyRequest) => {
    if (!isOwnPage(request, pageKey)) throw new HttpRefusal(404, { path: 'unknown' });
  };
  app.post('/explorer/token', { onRequest }, async (request, reply) => {
    const { persona, session } = parse(AskedForm, request.body);
    const token = await (session === undefined
      ? personas.openSession(persona)
      : personas.renewToken(persona, session));
    // JSON may be read by pages of other sites by default; not this one.
    return reply.header('content-type', 'text/plain; charset=utf-8').send(token);
  });
  app.post('/explorer/proof', { onRequest }, async (request, reply) => {
    const { persona, session } = parse(AskedProofForm, request.body);
    reply.hijack();
    const stream = openEventStream(reply);
    try {
      const { signal } = stream;
      const progress = (made: object) => stream.send('progress', made);
      stream.send('proven', await personas.prove(persona, session, { progress, signal }));
    } catch (thrown) {
      stream.send('refused', refusalOf(thrown));
    } finally {
      stream.end();
    }
  });
}

function parse<Form extends z.ZodType>(form: Form, body: unknown): z.output<Form> {
  const parsed = form.safeParse(body);
  if (!parsed.success) throw new DomainError('BAD_INPUT', { expected: 'persona and session' });
  return parsed.data;
}

/** Server-sent events, as one answer: proving takes longer than an answer may otherwise. */
function openEventStream({ raw }: FastifyReply) {
  const left = new AbortController();
  raw.once('close', () => left.abort());
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  raw.flushHeaders();
  return {
    /** Aborted when the page is closed. */
    signal: left.signal,
    send: (event: string, data: object) =>
      void raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => void raw.end(),
  };
}

function refusalOf(thrown: unknown): object {
  const told =
    thrown instanceof DomainError && !isOurFault(thrown) ? thrown : new DomainError('INTERNAL');
  const { code, message, retry } = told;
  return { code, message, retry };
}
