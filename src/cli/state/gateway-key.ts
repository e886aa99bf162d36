import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type GatewayKey, importGatewayKey } from '../../network/gateway-key.js';
import type { StateFolder } from './state-folder.js';

const NAME = 'gateway/key.json';

/** The gateway's key in that state folder, made if it has none yet. */
export async function loadGatewayKey(folder: StateFolder): Promise<GatewayKey> {
  const stored = await folder.readJson<JWK>(NAME);
  const jwk = stored ?? (await makeJwk());
  if (stored === undefined) await folder.writeJson(NAME, jwk);
  return importGatewayKey(jwk);
}

async function makeJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return exportJWK(privateKey);
}
