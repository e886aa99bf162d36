/**
 * A node that lies, in a process of its own, so that what its lies cost it is not counted where they are read.
 * Its first line says where it listens. It answers POST /LIE/SUBGRAPH and GET /LIE/readyz with that lie.
 */
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const MEGABYTE = 1024 * 1024;
const BOMB = gzipSync(Buffer.alloc(64 * MEGABYTE, '['));
const JSON_TYPE = { 'content-type': 'application/json' };

const LIES = {
  'gzip-bomb'(response) {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    response.end(BOMB);
  },
  nested: (response) => whole(response, '['.repeat(15 * MEGABYTE)),
  'many-values': (response) => whole(response, `{"data":[${'{},'.repeat(5 * MEGABYTE)}{}]}`),
  endless(response) {
    response.writeHead(200, JSON_TYPE);
    const block = '{"data":'.padEnd(64 * 1024, 'x');
    const flow = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', flow);
    flow();
  },
  dripping(response) {
    response.writeHead(200, JSON_TYPE);
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  },
  'huge-header'(response) {
    response.writeHead(200, { ...JSON_TYPE, 'x-long': 'x'.repeat(MEGABYTE) });
    response.end('{}');
  },
};

function whole(response, text) {
  response.writeHead(200, JSON_TYPE);
  response.end(text);
}

const server = createServer((request, response) => {
  request.resume();
  response.on('error', () => undefined);
  const [, lie] = request.url.split('/');
  LIES[lie]?.(response);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
