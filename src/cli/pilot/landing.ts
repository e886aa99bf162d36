import type { Session } from '../../client/gateway/session.js';
import { DomainError } from '../../core/errors.js';
import { isoFromSeconds } from '../../core/time.js';
import type { Landing } from '../../federation/explorer/landing.js';
import type { Database } from '../../store/database.js';
import type { StateFolder } from '../state/state-folder.js';
import { readyVariables } from './explorer/ready-variables.js';
import { firstQuery, type OwnArguments } from './first-queries.js';
import { isPersona, PERSONAS, sessionToday } from './personas.js';
import { PILOT_STUDY, type SeedPlan } from './plan.js';
import { seededPack } from './seeded-pack.js';
import { PILOT_TOKEN_SECONDS } from './settings.js';
import { notWithdrawn, type PilotWallet, PORTAL_SHOWS } from './wallets.js';

export interface PilotLandingOptions {
  readonly folder: StateFolder;
  readonly plan: SeedPlan;
  readonly wallets: readonly PilotWallet[];
  /** Database of a hospital, which has every withdrawal; undefined if it runs apart. */
  readonly hospital: Database | undefined;
  /** The thumbprint of the gateway that the pages belong to. */
  readonly audience: string;
}

/**
 * A page's query and a token for it, for one of the personas. Only the pilot can do this, because
 * it keeps its personas' keys.
 *
 * @param persona - default: the portal. @throws DomainError BAD_INPUT for an unknown one.
 */
export async function pilotLanding(
  { folder, plan, wallets, hospital, audience }: PilotLandingOptions,
  persona = 'portal',
): Promise<Landing> {
  if (!isPersona(persona)) {
    throw new DomainError('BAD_INPUT', { persona: 'unknown', known: PERSONAS.join(' ') });
  }
  // Withdrawing here must not remove rows from the portal's page, which shows the first
  // participants.
  const [leaving] = hospital ? await notWithdrawn(hospital, wallets.slice(PORTAL_SHOWS)) : [];
  const secret = leaving && String(leaving.wallet.withdrawSecret(leaving.consent.fields.serial));
  const session = await sessionToday(folder, persona);
  const mine = wallets[0] && ownArguments(wallets[0], session);
  const facts = { pack: seededPack(plan), secret, mine };
  const document = firstQuery(persona, facts);
  const token = await session.signToken({ audience, seconds: PILOT_TOKEN_SECONDS });
  return {
    document,
    headers: { Authorization: `Bearer ${token}` },
    variables: readyVariables(persona, facts),
  };
}

/** What a pilot wallet signs to list its own data at each hospital, in a persona's session. */
function ownArguments({ wallet, patientIds }: PilotWallet, session: Session): OwnArguments {
  const lists = [...patientIds.keys()].map((id) => {
    const { institution, at, signature } = wallet.signList(id, session.holder);
    return { institution, at: isoFromSeconds(at), signature: inDecimals({ ...signature }) };
  });
  return { study: PILOT_STUDY.id, publicKey: inDecimals({ ...wallet.publicKey }), lists };
}

function inDecimals(fields: Readonly<Record<string, bigint>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
