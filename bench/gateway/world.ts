import { generateKeyPairSync } from 'node:crypto';
import { newSession } from '../../src/client/gateway/session.js';
import { type InstitutionId, toInstitutionId } from '../../src/core/ids.js';
import { importGatewayKey } from '../../src/network/gateway-key.js';
import type { Database } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres.js';
import { importTrials } from '../../src/trials/import.js';
import { generateTrials } from '../../src/trials/seed.js';
import { startPostgres } from '../../test/support/store/postgres-server.js';
import { populate } from '../records/population.js';
import { permitsOf, presentAll } from '../records/presentations.js';

export const HOSPITALS = ['lakeshore-hospital', 'riverside-hospital'].map(toInstitutionId);
export const SPONSOR = toInstitutionId('northwind-trials');

const PARTICIPANTS = 50;
const PATIENTS = 400;
const SEED = 20_261_123;

/** Databases with what is asked for, and the session whose consents were shown. */
export interface BenchWorld {
  readonly databaseUrl: string;
  /** Of the participants whose consents were shown. */
  readonly pseudonyms: readonly string[];
  readonly session: Awaited<ReturnType<typeof newSession>>;
  /** Of both gateways, so that one token is good at either. */
  readonly gatewayJwk: JsonWebKey;
  /** The audience of tokens for them. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** Fills two hospitals and a sponsor. Needs PostgreSQL's programs on this machine. */
export async function createWorld(): Promise<BenchWorld> {
  const postgres = await startPostgres();
  const server = await openPostgres({ url: postgres.url, poolSize: 8 });
  try {
    const hospitals = new Map<InstitutionId, Database>();
    for (const id of HOSPITALS) hospitals.set(id, await server.open(id));
    const people = await populate(hospitals, { patients: PATIENTS, participants: PARTICIPANTS });
    const session = await newSession();
    for (const db of hospitals.values())
      await presentAll(db, session.thumbprint, permitsOf(people));
    await fillTrials(await server.open(SPONSOR));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const gatewayJwk = privateKey.export({ format: 'jwk' }) as JsonWebKey;
    const { thumbprint } = await importGatewayKey(gatewayJwk as never);
    return {
      databaseUrl: postgres.url,
      session,
      gatewayJwk,
      thumbprint,
      pseudonyms: people.map(({ pseudonym }) => pseudonym),
      stop: () => postgres.stop(),
    };
  } catch (thrown) {
    await postgres.stop();
    throw thrown;
  } finally {
    await server.close();
  }
}

async function fillTrials(db: Database): Promise<void> {
  const sites = HOSPITALS.map((facility) => ({ facility, city: 'Springfield' }));
  const json = generateTrials({
    seed: SEED,
    nowMs: Date.parse('2026-06-01T00:00:00Z'),
    sponsorName: SPONSOR,
    sites,
  });
  const names = new Map([...HOSPITALS, SPONSOR].map((id) => [id as string, id]));
  const { refused } = await importTrials(db, json, { file: 'bench', names });
  if (refused.length > 0) throw new Error(`refused: ${refused[0]?.detail}`);
}
