import { Agent, request } from 'node:http';

/** What is told of some seconds of asking. */
export interface Measured {
  /** Milliseconds of each answer. */
  readonly tookMs: readonly number[];
  readonly seconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Posts one operation. @throws Error for an answer with errors, or without data. */
export async function ask(url: string, token: string, document: string): Promise<unknown> {
  const text = await post(`${url}/graphql`, token, JSON.stringify({ query: document }));
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
  if (errors !== undefined || !data) throw new Error(text.slice(0, 500));
  return data;
}

/** Answers a second, `connections` at a time, each document in turn. */
export async function measure(
  url: string,
  token: string,
  documents: readonly string[],
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Measured> {
  const bodies = documents.map((query) => JSON.stringify({ query }));
  const tookMs: number[] = [];
  const startMs = performance.now();
  const untilMs = startMs + seconds * 1_000;
  let asked = 0;
  const connection = async () => {
    while (performance.now() < untilMs) {
      const body = bodies[asked++ % bodies.length] ?? '';
      const sentMs = performance.now();
      const text = await post(`${url}/graphql`, token, body);
      if (text.includes('"errors"')) throw new Error(text.slice(0, 500));
      tookMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return { tookMs, seconds: (performance.now() - startMs) / 1_000 };
}

function post(url: string, token: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
