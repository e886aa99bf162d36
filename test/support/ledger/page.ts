import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

/** What came back to a request: the status and the body, or no connection at all. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** An HTTP request with exactly these headers, as a page or any other program on this machine can send it. */
export function sendHttp(
  port: number,
  body: string,
  headers: Readonly<Record<string, string>>,
  method = 'POST',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, headers, path: '/' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Opens a WebSocket and sends each body once. @returns what came back to each; undefined if it was not opened. */
export async function sendOverSocket(
  port: number,
  bodies: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<readonly string[] | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { ...headers } });
  try {
    await once(socket, 'open');
  } catch {
    return undefined;
  }
  const answers: string[] = [];
  for (const body of bodies) {
    socket.send(body);
    const [answer] = await once(socket, 'message');
    answers.push(String(answer));
  }
  socket.terminate();
  return answers;
}

/** Whether a TCP connection to it can be had. */
export function isReachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}

export function call(method: string, ...params: unknown[]): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}
