import { createServer, type ServerResponse } from 'node:http';
import type { FeedSegment } from '../../../src/consent/feed/segment.js';
import { portOf } from '../network/stand.js';

/** What a liar knows: a genuine segment of the feed, an older one, and one of another feed. */
export interface Overheard {
  readonly newest: FeedSegment;
  readonly older: FeedSegment;
  readonly others: FeedSegment;
}

/** Everything that a relay without the institution's key can answer instead of a segment. */
export const LIES: Readonly<
  Record<string, (overheard: Overheard, answer: ServerResponse) => void>
> = {
  'another signature': ({ newest, others }, answer) =>
    send(answer, { ...newest, digests: [], signature: others.signature }),
  'an entry of its own making': ({ newest }, answer) =>
    send(answer, { ...newest, entries: [...newest.entries.slice(0, -1), '666'] }),
  'an entry less': ({ newest }, answer) =>
    send(answer, { ...newest, entries: newest.entries.slice(0, -1) }),
  'an entry more': ({ newest }, answer) =>
    send(answer, { ...newest, entries: [...newest.entries, '666'] }),
  "another institution's feed": ({ others }, answer) => send(answer, others),
  "another institution's feed under this one's name": ({ newest, others }, answer) =>
    send(answer, { ...others, institution: newest.institution }),
  'an older segment, and it alone': ({ older }, answer) => send(answer, older),
  'half an answer': ({ newest }, answer) => {
    const text = JSON.stringify(newest);
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(text.slice(0, text.length / 2));
  },
  'a connection that breaks': ({ newest }, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000_000 });
    answer.write(JSON.stringify(newest), () => answer.destroy());
  },
  'an answer without end': (_, answer) => {
    const more = () => {
      while (!answer.destroyed && answer.write(' '.repeat(65_536)));
    };
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.on('drain', more);
    more();
  },
  'a byte now and then': (_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => answer.write(' '), 20);
    answer.once('close', () => clearInterval(drip));
  },
  nothing: () => undefined,
  'a way to somewhere else': (_, answer) => {
    answer.writeHead(307, { location: 'http://127.0.0.1:9/feed' });
    answer.end();
  },
  'a page of text': (_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' });
    answer.end('<h1>Welcome</h1>');
  },
  'objects in objects': (_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end('['.repeat(100_000) + ']'.repeat(100_000));
  },
};

function send(answer: ServerResponse, body: unknown): void {
  answer.writeHead(200, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}

/** A server that answers whatever it is asked as it likes at the moment. */
export async function startLiar() {
  let answerAs: (answer: ServerResponse) => void = () => undefined;
  let open = 0;
  const server = createServer((_request, answer) => {
    open += 1;
    answer.once('close', () => {
      open -= 1;
    });
    answerAs(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    /** Answers that it has not ended. */
    open: () => open,
    lie(how: (answer: ServerResponse) => void): void {
      answerAs = how;
    },
    stop(): Promise<void> {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
