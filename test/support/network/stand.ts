import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { type Logger, pino } from 'pino';
import { type InstitutionId, toInstitutionId } from '../../../src/core/ids.js';
import {
  GATEWAY_SIGNATURE_HEADER,
  NODE_NONCE_HEADER,
} from '../../../src/core/signed/gateway-request.js';
import type { Question, RequestOrigin, Role } from '../../../src/graph/ask.js';
import type { AskedInstitution } from '../../../src/network/ask-nodes.js';
import { type GatewayKey, importGatewayKey } from '../../../src/network/gateway-key.js';
import { signGatewayRequest } from '../../../src/network/gateway-signature.js';

/** What a node under test received, its exact bytes included. */
export interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server that answers as a test says, and remembers what it was asked. */
export interface NodeUnderTest {
  readonly endpoint: string;
  readonly received: Received[];
  stop(): Promise<void>;
}

type Behave = (received: Received, response: ServerResponse) => void;

export async function startNode(behave: Behave, port = 0): Promise<NodeUnderTest> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const one = { url: request.url ?? '', headers: request.headers, body };
    received.push(one);
    behave(one, response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${portOf(server)}`, received, stop: () => stop(server) };
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Answers every question with this body. */
export function answering(body: unknown, status = 200): Behave {
  return (_received, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

export const HELLO = { data: { hello: 'here' } };

export function institution(
  id: string,
  endpoint: string,
  fields: Partial<AskedInstitution> = {},
): AskedInstitution {
  const roles: readonly Role[] = ['HOSPITAL'];
  return { id: toInstitutionId(id), endpoint, roles, status: 'ACTIVE', ...fields };
}

/** A question whose answer must be {hello: string}. */
export function askHello(of: Question<string>['of'] = { roles: ['HOSPITAL'] }): Question<string> {
  return {
    subgraph: 'trials',
    maxBytes: 1_000_000,
    needsToken: true,
    document: '{ hello }',
    variables: { a: 1 },
    of,
    parse: (data) => {
      const { hello } = data as { readonly hello?: unknown };
      if (typeof hello !== 'string') throw new TypeError('hello is no text');
      return hello;
    },
  };
}

export const REQUESTER: RequestOrigin = { token: 'aaa.bbb.ccc', requestId: 'request-1' };

export async function newGatewayKey(): Promise<GatewayKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return importGatewayKey(await exportJWK(privateKey));
}

/** The nonce of a node's run, as the node itself says it to a gateway that does not know it. */
export async function nonceOf(id: InstitutionId, url: string): Promise<string> {
  const body = '{"query":"{ __typename }"}';
  const key = await newGatewayKey();
  const request = { institution: id, body, token: undefined, nonce: undefined };
  const headers = {
    'content-type': 'application/json',
    [GATEWAY_SIGNATURE_HEADER]: await signGatewayRequest(key, request),
  };
  const answer = await fetch(url, { method: 'POST', headers, body });
  const nonce = answer.headers.get(NODE_NONCE_HEADER);
  if (nonce === null) throw new Error(`a node that says no nonce: ${await answer.text()}`);
  return nonce;
}

/** A logger whose lines a test can read. */
export function loggerInto(lines: string[]): Logger {
  return pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
}

export const SILENT: Logger = pino({ level: 'silent' });

export function ids(...names: string[]): InstitutionId[] {
  return names.map(toInstitutionId);
}
