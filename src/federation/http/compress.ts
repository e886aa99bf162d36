import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/** Below this a compressed answer is hardly shorter, and one packet either way. */
const MIN_BYTES = 1_024;
/** The usual 11 takes fifty times as long for a tenth less. */
const BROTLI_QUALITY = 4;

type Pack = (answer: string | Buffer) => Promise<Buffer>;
const packBrotli = promisify(brotliCompress);
const packGzip = promisify(gzip);
const PACKED_BY: ReadonlyMap<string, Pack> = new Map<string, Pack>([
  [
    'br',
    (answer) =>
      packBrotli(answer, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  ],
  ['gzip', (answer) => packGzip(answer)],
]);
const ENCODINGS = [...PACKED_BY.keys(), 'identity'];

/**
 * Compresses JSON for clients that accept it, by `Accept-Encoding`.
 *
 * The length of a compressed answer tells how much of it is repeated. An attacker who can make a
 * browser send requests, place text of their own next to a secret and see the length can guess the
 * secret step by step (BREACH). JSON answers hold no secret: there are no cookies, so a browser
 * sends no token that it was not given, and nonces are in headers. The pages do hold a token next
 * to the persona from the URL, so only JSON is compressed.
 */
export function compressAnswers(server: FastifyInstance): void {
  server.addHook<unknown>('onSend', async (request, reply, answer) => {
    if (!isWhole(answer) || !isCompressible(reply)) return answer;
    if (Buffer.byteLength(answer) < MIN_BYTES) return answer;
    const encoding = encodingFor(request);
    const pack = PACKED_BY.get(encoding);
    if (pack === undefined) return answer;
    const packed = await pack(answer);
    void reply.header('content-encoding', encoding).removeHeader('content-length');
    return packed;
  });
}

/** Which of them a client likes best; the first of ours where it likes several alike. */
function encodingFor({ raw }: FastifyRequest): string {
  // The package's types are those of its version before.
  const negotiator = new Negotiator(raw) as Preferring;
  return negotiator.encoding(ENCODINGS, { preferred: ENCODINGS }) ?? 'identity';
}

interface Preferring {
  encoding(among: readonly string[], options: { preferred: readonly string[] }): string | undefined;
}

function isWhole(answer: unknown): answer is string | Buffer {
  return typeof answer === 'string' || Buffer.isBuffer(answer);
}

function isCompressible(reply: FastifyReply): boolean {
  if (reply.hasHeader('content-encoding')) return false;
  return /^application\/(graphql-response\+)?json\b/.test(String(reply.getHeader('content-type')));
}
