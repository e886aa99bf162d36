import { openRequester, type Requester } from '../../client/gateway/requester.js';
import { importSession, newSession, type Session } from '../../client/gateway/session.js';
import { systemClock } from '../../core/clock.js';
import { parseCanonicalDecimal, randomField } from '../../zk/arithmetic/field.js';
import { periodOf } from '../../zk/request.js';
import type { StateFolder } from '../state/state-folder.js';
import { PILOT_TOKEN_SECONDS } from './settings.js';

/**
 * The roles that one can play in the pilot. Only a pilot holds requesters' keys; in reality each
 * holds its own.
 */
export const PERSONAS = ['portal', 'researcher', 'sponsor', 'pharmacist', 'participant'] as const;
export type PersonaName = (typeof PERSONAS)[number];

/** A persona with the session that it uses today. */
export interface Persona {
  readonly name: PersonaName;
  readonly requester: Requester;
  readonly session: Session;
  /** Whether the session is new, so that nothing can have been presented for it. */
  readonly isNew: boolean;
}

interface StoredPersona {
  readonly secret: string;
  readonly session?: { readonly day: string; readonly jwk: object };
}

type StoredPersonas = Partial<Record<PersonaName, StoredPersona>>;

const FILE = 'pilot/personas.json';

export function isPersona(name: string): name is PersonaName {
  return (PERSONAS as readonly string[]).includes(name);
}

/** The persona, made if the installation has none, with a fresh session each UTC day. */
export async function loadPersona(folder: StateFolder, name: PersonaName): Promise<Persona> {
  const all = (await folder.readJson<StoredPersonas>(FILE)) ?? {};
  const stored = all[name] ?? { secret: String(randomField()) };
  const day = String(periodOf(BigInt(systemClock.nowSeconds())));
  const kept = stored.session?.day === day ? stored.session : undefined;
  const session =
    kept === undefined ? await newSession({ exportable: true }) : await importSession(kept.jwk);
  if (kept === undefined) {
    const renewed = { ...stored, session: { day, jwk: await session.exportPrivateJwk() } };
    await folder.writeJson(FILE, { ...all, [name]: renewed });
  }
  const requester = openRequester(parseCanonicalDecimal(stored.secret));
  return { name, requester, session, isNew: kept === undefined };
}

/** The persona's requester, without renewing its session. */
export async function loadRequester(folder: StateFolder, name: PersonaName): Promise<Requester> {
  const stored = (await folder.readJson<StoredPersonas>(FILE))?.[name];
  if (stored === undefined) return (await loadPersona(folder, name)).requester;
  return openRequester(parseCanonicalDecimal(stored.secret));
}

/** Creates the missing personas, so that a page opened later need not write any. */
export async function makePersonas(folder: StateFolder): Promise<void> {
  const made = (await folder.readJson<StoredPersonas>(FILE)) ?? {};
  for (const name of PERSONAS) {
    if (made[name] === undefined) await loadPersona(folder, name);
  }
}

/** The session whose proofs were presented last; yesterday's until today's are proven. */
export async function sessionToday(folder: StateFolder, name: PersonaName): Promise<Session> {
  const all = (await folder.readJson<StoredPersonas>(FILE)) ?? {};
  const jwk = all[name]?.session?.jwk;
  return jwk ? importSession(jwk) : (await loadPersona(folder, name)).session;
}

/** @param audience - the thumbprint of the gateway that the token is for. */
export async function mintToken(
  folder: StateFolder,
  name: PersonaName,
  audience: string,
): Promise<string> {
  const session = await sessionToday(folder, name);
  return session.signToken({ audience, seconds: PILOT_TOKEN_SECONDS });
}
