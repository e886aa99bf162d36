import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operator, OperatorGate } from '../../consent/operators/gate.js';
import { invariant } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import {
  mayDo,
  OPERATION_NAMES,
  OPERATIONS,
  type OperatorRouteName,
} from '../../core/operator/operations.js';
import { createServer } from '../http/server.js';
import { type ServerLimits, usualServerLimits } from '../http/server-limits.js';
import { keepRawBodies } from '../raw-body.js';
import { operatorBearer } from './bearer.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation that a route for operators is. */
    operation?: OperatorRouteName;
  }
}

/** Answers one operator's request. The body, if it has one, was read after the operator was let in. */
export type OperatorHandler = (
  operator: Operator,
  request: FastifyRequest,
  reply: FastifyReply,
) => unknown;

export interface OperatorServer {
  readonly server: FastifyInstance;
  /** Adds a route of OPERATIONS, which says who may ask it. */
  add(name: OperatorRouteName, handler: OperatorHandler): void;
  /**
   * Adds one that reads a body of these content types itself, as it comes (upload.ts).
   *
   * @param newId - of what it makes: the audit log has it, and `operator.about`.
   */
  addUpload(
    name: OperatorRouteName,
    types: readonly string[],
    newId: () => string,
    handler: OperatorHandler,
  ): void;
}

/**
 * The HTTP server of a node for its own operators, which does not listen yet. It is apart from the one that
 * gateways and strangers reach: nothing here is answered without an operator token, and no page of another
 * site may read it.
 *
 * @param options.limits - the settings' defaults for nodes unless given.
 */
export function createOperatorServer(options: {
  readonly institution: InstitutionId;
  readonly gate: OperatorGate;
  readonly logger: Logger;
  readonly limits?: ServerLimits;
}): OperatorServer {
  const { institution, gate, logger, limits = usualServerLimits('node') } = options;
  const server = createServer({ ...limits, corsOrigins: 'none' }, logger);
  keepRawBodies(server);
  requireOperations(server);
  sayHowToAsk(server);
  const routeOf = createRoutes(server, gate);
  const add: OperatorServer['add'] = (name, handler) =>
    void server.route(routeOf(name, handler, namedId));
  add('GET /operator', ({ key, roles, expSeconds }) => ({
    institution,
    key,
    roles,
    until: new Date(expSeconds * 1000).toISOString(),
    operations: OPERATION_NAMES.filter((name) => mayDo(name, roles)),
  }));
  const addUpload: OperatorServer['addUpload'] = (name, types, newId, handler) => {
    const route = routeOf(name, handler, newId);
    // A scope of its own: elsewhere these bodies are read whole, or not at all.
    void server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser([...types], (_request, body, done) => done(null, body));
      scope.route({ ...route, config: { ...route.config, streamed: true } });
    });
  };
  return { server, add, addUpload };
}

const ID_FORM = /^[A-Za-z0-9-]{1,64}$/;

/** The id in the path, if it can be one: nothing else gets into the log. */
function namedId({ params }: FastifyRequest): string | undefined {
  const [id] = Object.values(params as Readonly<Record<string, string>>);
  return id !== undefined && ID_FORM.test(id) ? id : undefined;
}

/** A route that is no operation would be open to everybody who reaches the port. */
function requireOperations(server: FastifyInstance): void {
  server.addHook('onRoute', ({ config }) => {
    const operation = config?.operation;
    invariant(
      operation !== undefined && Object.hasOwn(OPERATIONS, operation),
      'every route for operators is an operation with its roles',
    );
  });
}

/** @source RFC 9110, section 15.5.2 (a 401 says how); RFC 6750, section 3 */
function sayHowToAsk(server: FastifyInstance): void {
  server.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 401) void reply.header('www-authenticate', 'Bearer realm="operator"');
  });
}

function createRoutes(server: FastifyInstance, gate: OperatorGate) {
  const operators = new WeakMap<FastifyRequest, Operator>();
  return (
    name: OperatorRouteName,
    handler: OperatorHandler,
    aboutOf: (request: FastifyRequest) => string | undefined,
  ) => {
    const [method = '', url = ''] = name.split(' ');
    return {
      method,
      url,
      config: { operation: name },
      // Before the body is read: a stranger's is not.
      onRequest: async (request: FastifyRequest) => {
        const operator = await gate({
          token: operatorBearer(request),
          operation: name,
          requestId: request.id,
          about: aboutOf(request),
          countKey: (key) => server.countHolder(request, key),
        });
        operators.set(request, operator);
      },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const operator = operators.get(request);
        invariant(operator !== undefined, 'a handler runs for an operator who was let in');
        return handler(operator, request, reply);
      },
    };
  };
}
