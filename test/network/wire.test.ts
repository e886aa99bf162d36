import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endpointRuleOf } from '../../src/network/endpoint-rule.js';
import { portOf } from '../support/network/stand.js';

const folder = mkdtempSync(join(tmpdir(), 'assent-tls-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
let server: ReturnType<typeof createServer>;
beforeAll(async () => {
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost'],
  ]);
  const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
  server = createServer(tls, (_request, response) => response.end('{"status":"ok"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks a node as a process of its own does, which trusts the certificate, or nobody but the usual. */
async function ask(named: string, trusts: boolean): Promise<string> {
  const script = new URL('../support/network/wire-process.ts', import.meta.url).pathname;
  const args = ['--import', 'tsx', script, `https://localhost:${portOf(server)}/health`, named];
  const env = { ...process.env, ...(trusts ? { NODE_EXTRA_CA_CERTS: certificate } : {}) };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim();
}

test('endpoint-anywhere: in production a node that is named is asked by https, and must show its certificate', async () => {
  expect(await ask('localhost', true)).toBe('{"status":"ok"}');
  expect(await ask('localhost', false)).toBe('UNREACHABLE: DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(await ask('elsewhere.example', true)).toBe(
    'UNREACHABLE: endpoint refused: private address',
  );
}, 60_000);

test('the rule is of production alone, and names are compared in lower case', () => {
  expect(endpointRuleOf({ environment: 'development', privateEndpoints: undefined })).toEqual({
    publicHttpsOnly: false,
    named: new Set(),
  });
  expect(
    endpointRuleOf({ environment: 'production', privateEndpoints: 'Node.Hospital,10.0.0.7' }),
  ).toEqual({ publicHttpsOnly: true, named: new Set(['node.hospital', '10.0.0.7']) });
});
