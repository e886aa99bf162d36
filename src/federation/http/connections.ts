import type { Socket } from 'node:net';
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify';
import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import { extensionsOf } from '../error-extensions.js';
import { secondsUntilRetry } from '../http-errors.js';
import { newRequestId } from '../request-scope.js';
import { addressOf } from './rate-limit.js';
import { REQUEST_ID_HEADER } from './request-id.js';
import type { ServerLimits } from './server-limits.js';
import { stopPromptly } from './stop.js';
import { trustedProxiesOf } from './trusted-proxies.js';

/** How often connections are checked, ms: a time limit may be exceeded by as much. */
const CHECK_MS = 500;

/** A fastify instance whose clients have only so long for each thing, and only so many connections. */
export function createBoundedServer(
  limits: ServerLimits,
  options: Pick<FastifyServerOptions, 'bodyLimit'>,
): FastifyInstance {
  const isTrusted = trustedProxiesOf(limits.trustedProxies);
  const server = fastify({
    ...options,
    logger: false,
    trustProxy: isTrusted,
    genReqId: newRequestId,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.idleMs,
    requestTimeout: limits.requestMs,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: CHECK_MS },
    clientErrorHandler: refuseClient,
    frameworkErrors: refuseTarget,
  }) as unknown as FastifyInstance;
  server.server.maxConnections = limits.connections;
  limitByAddress(server, limits.connectionsByAddress, isTrusted);
  limitAnswers(server, limits.answerMs);
  stopPromptly(server);
  return server;
}

/** No address takes so many connections that none are left for others. A proxy that is trusted speaks for many. */
function limitByAddress(
  { server }: FastifyInstance,
  most: number,
  isTrusted: (address: string) => boolean,
): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (isTrusted(remoteAddress)) return;
    const address = addressOf(remoteAddress);
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

/** A client that does not take its answer is left: until then the answer lies in this process's memory. */
function limitAnswers(server: FastifyInstance, answerMs: number): void {
  server.addHook('onSend', async (_request, { raw }) => {
    const timer = setTimeout(() => raw.destroy(), answerMs);
    timer.unref();
    raw.once('close', () => clearTimeout(timer));
  });
}

/** A refusal in the shape of all others. */
function refusalOf(code: ErrorCode, requestId: string): object {
  const refusal = new DomainError(code);
  return { errors: [{ message: refusal.message, extensions: extensionsOf(refusal, requestId) }] };
}

/** A target that the router cannot read reaches none of its hooks but those of an answer. */
function refuseTarget(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(400).send(refusalOf('BAD_INPUT', request.id));
}

/** Tells a client whose request never came whole, or is no HTTP, in the shape of all refusals. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const isLong = error.code === 'HPE_HEADER_OVERFLOW';
  const line = isLate ? '408 Request Timeout' : isLong ? '431 Header Too Large' : '400 Bad Request';
  const code = isLate ? 'REQUEST_TIMEOUT' : isLong ? 'INPUT_TOO_LARGE' : 'BAD_INPUT';
  const requestId = newRequestId();
  const body = JSON.stringify(refusalOf(code, requestId));
  const seconds = secondsUntilRetry(new DomainError(code));
  const headers = [
    `HTTP/1.1 ${line}`,
    'content-type: application/json; charset=utf-8',
    'cache-control: no-store',
    'connection: close',
    `${REQUEST_ID_HEADER}: ${requestId}`,
    ...(seconds === undefined ? [] : [`retry-after: ${seconds}`]),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
