import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A proxy in front of a node, which passes everything on, or answers in its place. */
export interface Liar {
  readonly url: string;
  /** Whether it lies from now on; how, changes with each answer. */
  lie(isLying: boolean): void;
  /** How many lies it told. */
  readonly told: () => number;
  close(): Promise<void>;
}

type Lie = (given: {
  readonly response: ServerResponse;
  /** What the node answers to that request. */
  readonly real: () => Promise<string>;
}) => Promise<void> | void;

const JSON_TYPE = { 'content-type': 'application/json' };
const HUGE_BYTES = 32 * 1024 * 1024;
const SLOW_MS = 1_000;
const SUBGRAPH = /^\/(consent|records|trials|supply)\/?$/;

const body =
  (text: string, status = 200): Lie =>
  ({ response }) =>
    void response.writeHead(status, JSON_TYPE).end(text);

const LIES: readonly Lie[] = [
  body('<html>welcome</html>'),
  body('{}'),
  body('null'),
  body('[1,2,3]'),
  body('{"data":null}'),
  body('{"data":{"__typename":"Query"}}'),
  body('{"data":{"rows":[{"id":"forged"}]},"errors":[]}'),
  body('{"errors":[{"message":"no","extensions":{"code":"CONSENT_EXPIRED"}}]}'),
  body('{"error":"no"}', 500),
  body(`{"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
  // Another's rows: its own answer in another institution's name.
  async ({ response, real }) => {
    const text = (await real()).replaceAll('lakeshore-hospital', 'riverside-hospital');
    response.writeHead(200, JSON_TYPE).end(text);
  },
  async ({ response, real }) => {
    const text = await real();
    const length = Buffer.byteLength(text);
    response.writeHead(200, { ...JSON_TYPE, 'content-length': length });
    response.end(text.slice(0, text.length >> 1));
    response.destroy();
  },
  ({ response }) => {
    response.writeHead(200, JSON_TYPE);
    response.write('{"data":"');
    const chunk = 'a'.repeat(1024 * 1024);
    let sent = 0;
    const more = () => {
      while (!response.destroyed && sent < HUGE_BYTES) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end('"}');
    };
    more();
  },
  ({ response }) => {
    const bomb = gzipSync(Buffer.alloc(HUGE_BYTES, ' '));
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb);
  },
  ({ response }) => {
    response.writeHead(200, JSON_TYPE);
    const timer = setInterval(() => response.write(' '), SLOW_MS);
    response.once('close', () => clearInterval(timer));
  },
  ({ response }) => void response.destroy(),
  ({ response }) => void response.writeHead(302, { location: '/records' }).end(),
];

/** Starts a proxy in front of a node on loopback. */
export async function startLiar(target: string): Promise<Liar> {
  let isLying = false;
  let told = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => response.destroy());
    incoming.on('end', () => {
      const real = () => pass(target, incoming, Buffer.concat(chunks));
      const lie =
        isLying && SUBGRAPH.test(incoming.url ?? '') ? LIES[told % LIES.length] : undefined;
      const answering = lie === undefined ? honestly(response, real) : cheat(lie, response, real);
      answering.catch(() => response.destroy());
    });
  });
  const cheat = async (lie: Lie, response: ServerResponse, real: () => Promise<Passed>) => {
    told += 1;
    await lie({ response, real: async () => (await real()).bytes.toString('utf8') });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie: (now) => {
      isLying = now;
    },
    told: () => told,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

async function honestly(response: ServerResponse, real: () => Promise<Passed>): Promise<void> {
  const { status, headers, bytes } = await real();
  const { 'transfer-encoding': _chunked, connection: _connection, ...kept } = headers;
  response.writeHead(status, { ...kept, 'content-length': bytes.length }).end(bytes);
}

/** Bytes for bytes: what is signed over a request stays so. */
function pass(
  target: string,
  { method, url, headers }: IncomingMessage,
  sent: Buffer,
): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const passed = request(`${target}${url}`, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const { statusCode: status = 502, headers: told } = answer;
        resolve({ status, headers: told, bytes: Buffer.concat(chunks) });
      });
    });
    passed.on('error', reject);
    passed.end(sent);
  });
}
