import { DomainError } from '../../core/errors.js';
import type { Landing } from '../../federation/landing.js';
import type { Database } from '../../store/database.js';
import type { StateFolder } from '../state-folder.js';
import { firstQuery } from './first-queries.js';
import { isPersona, mintToken, PERSONAS } from './personas.js';
import type { SeedPlan } from './plan.js';
import { seededPack } from './seeded-pack.js';
import { notWithdrawn, type PilotWallet, PORTAL_SHOWS } from './wallets.js';

export interface PilotLandingOptions {
  readonly folder: StateFolder;
  readonly plan: SeedPlan;
  readonly wallets: readonly PilotWallet[];
  /** Of a hospital, which hears of every withdrawal. */
  readonly hospital: Database;
  /** The thumbprint of the gateway that the pages belong to. */
  readonly audience: string;
}

/**
 * A page's query and a token minted for it, for one of the personas. Only the pilot can: it keeps
 * its personas' keys.
 *
 * @param persona - absent: the portal. @throws DomainError BAD_INPUT for one that is not there.
 */
export async function pilotLanding(
  { folder, plan, wallets, hospital, audience }: PilotLandingOptions,
  persona = 'portal',
): Promise<Landing> {
  if (!isPersona(persona)) {
    throw new DomainError('BAD_INPUT', { persona: 'unknown', known: PERSONAS.join(' ') });
  }
  // Whoever withdraws here must not be missed by the portal's page, which shows the first ones.
  const [leaving] = await notWithdrawn(hospital, wallets.slice(PORTAL_SHOWS));
  const secret = leaving && String(leaving.wallet.withdrawSecret(leaving.consent.fields.serial));
  const document = firstQuery(persona, { pack: seededPack(plan), secret });
  const token = await mintToken(folder, persona, audience);
  return { document, headers: { Authorization: `Bearer ${token}` } };
}
