import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/process/ports.js';
import { newSession } from '../../src/client/gateway/session.js';
import { GATEWAY_SIGNATURE_HEADER } from '../../src/core/signed/gateway-request.js';
import { jwtOf } from '../../src/core/signed/token-secret.js';
import { signGatewayRequest } from '../../src/network/gateway-signature.js';
import { gatewayKey, institution, post, startGateway } from '../support/federation/stand.js';
import { RIVERSIDE } from '../support/names.js';
import { nonceOf } from '../support/network/stand.js';

const SCRIPT = fileURLToPath(new URL('../support/federation/node-process.ts', import.meta.url));
const session = await newSession();
let child: ChildProcess | undefined;

afterAll(async () => {
  if (child !== undefined) await kill(child);
});

async function start(port: number): Promise<ChildProcess> {
  const started = spawn(process.execPath, ['--import', 'tsx', SCRIPT, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => started.kill('SIGKILL'));
  await once(started.stdout, 'data');
  return started;
}

async function kill(running: ChildProcess): Promise<void> {
  const gone = once(running, 'exit');
  running.kill('SIGKILL');
  await gone;
}

test('token-after-restart: what a node answered before it was killed, it refuses once it is back', async () => {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/trials`;
  child = await start(port);
  const audience = gatewayKey.thumbprint;
  const token = await session.signToken({ audience, seconds: 600 });
  const body = JSON.stringify({ query: '{ token }' });
  const nonce = await nonceOf(RIVERSIDE, url);
  const signed = { institution: RIVERSIDE, body, token: jwtOf(token), nonce };
  // Ahead, as a gateway's clock may be: a time alone would not tell the two runs apart.
  const ahead = { nowMs: () => Date.now() + 4_000, nowSeconds: () => 0 };
  const headers = {
    'content-type': 'application/json',
    connection: 'close',
    authorization: `Bearer ${jwtOf(token)}`,
    [GATEWAY_SIGNATURE_HEADER]: await signGatewayRequest(gatewayKey, signed, ahead),
  };
  const send = async () => (await fetch(url, { method: 'POST', headers, body })).json();
  const opened = { data: { token: JSON.stringify(`opened for ${session.thumbprint}`) } };
  expect(await send()).toEqual(opened);

  const gateway = await startGateway([institution(RIVERSIDE, `http://127.0.0.1:${port}`)]);
  const query = '{ widgets { complete nodes { id } } }';
  const asked = { headers: { authorization: `Bearer ${token}` } };
  expect((await post(gateway, query, asked)).body.data?.widgets).toMatchObject({ complete: true });

  await kill(child);
  child = await start(port);
  expect((await send()).errors?.[0]?.extensions.code).toBe('GATEWAY_NONCE_REQUIRED');
  expect((await post(gateway, query, asked)).body.data?.widgets).toMatchObject({ complete: true });
  await gateway.close();
}, 120_000);
