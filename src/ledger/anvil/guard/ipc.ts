import { connect, type Socket } from 'node:net';

/** Bytes of one line that are taken at most: a dump of a pilot's state is some megabytes. */
const MAX_LINE_BYTES = 512 * 1024 * 1024;

/** Opens the socket of a chain's process. Anvil ends each message with a line feed. */
export function openLines(path: string, onLine: (line: string) => void): Socket {
  const socket = connect(path);
  let parts: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
      onLine(line);
    }
    parts.push(rest);
    length += rest.length;
    if (length > MAX_LINE_BYTES) socket.destroy();
  });
  return socket;
}

/**
 * Sends one JSON-RPC message, a call or a batch, and waits for its answer.
 *
 * @throws Error if nobody listens there, the connection ends or `timeoutMs` pass first.
 */
export function exchangeOverIpc(path: string, message: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = openLines(path, (line) => {
      resolve(line);
      socket.destroy();
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('the ledger did not answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the ledger ended the connection')));
    socket.write(message);
  });
}
