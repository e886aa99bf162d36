import { setTimeout as delay } from 'node:timers/promises';
import { connectGateway, type Gateway } from '../../client/gateway/gateway.js';
import { type Presented, presentConsents } from '../../client/requester/present.js';
import { feedHealth } from '../../consent/feed/feed.js';
import { codeOf } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { Progress } from '../process/progress.js';
import type { StateFolder } from '../state/state-folder.js';
import { registerPharmacist } from './accreditation.js';
import { loadPersona } from './personas.js';
import type { Pilot } from './pilot.js';
import { PILOT_STUDY } from './plan.js';
import { presentPharmacist, provePortal } from './present.js';
import { untilServed } from './until-served.js';
import { PORTAL_SHOWS } from './wallets.js';

/** Less than the 15 minutes for which nodes accept an accreditation's superseded root. */
const ACCREDITATION_MS = 10 * 60_000;
/** An institution that refuses while the machine is busy may accept a little later. */
const RETRY_MS = 10_000;
const SHOWN_FILE = 'pilot/accreditation-shown.json';

/**
 * Time for a new node to hear from all the others, whose listeners may start after its first
 * question.
 */
const SERVING_WITHIN_MS = 15_000;

/** Whether the portal's presentation of earlier today still opens the study. */
export async function portalIsPresented(pilot: Pilot): Promise<boolean> {
  await untilConsentsAreServed(pilot);
  const gateway = await gatewayOf(pilot);
  const portal = await loadPersona(pilot.folder, 'portal');
  const claims = { audience: gateway.thumbprint, seconds: 600 };
  const credential = await portal.session.signCredential(claims);
  const document = `query Access($id: ID!) { study(id: $id) { access { presented } } }`;
  const asked = { document, variables: { id: PILOT_STUDY.id }, credential };
  const { data } = await untilServed(
    () => gateway.send(asked),
    () => true,
    pilot.stopSignal,
  );
  return data.study !== null;
}

/**
 * A node that has just started serves no consent until it has heard all the others' withdrawals.
 */
async function untilConsentsAreServed({ nodes, stopSignal }: Pilot): Promise<void> {
  const feeds = [...nodes.values()].map(({ feed }) => feed);
  const endMs = Date.now() + SERVING_WITHIN_MS;
  while (feeds.some((feed) => feedHealth(feed).behind.length > 0) && Date.now() < endMs) {
    await delay(100, undefined, { signal: stopSignal });
  }
}

/** Lets the portal prove and present three consents, as it would each day. */
export async function letPortalPresent(pilot: Pilot, progress: Progress): Promise<void> {
  const consents = pilot.wallets.slice(0, PORTAL_SHOWS).map(({ consent }) => consent);
  const step = progress.begin('the portal proves consents', consents.length);
  const portal = await loadPersona(pilot.folder, 'portal');
  const { endpointOf, stopSignal: stop } = pilot;
  const to = { gateway: await gatewayOf(pilot), endpointOf, stop };
  const presentation = await provePortal(to, portal, consents, () => step.advance());
  const { outcomes } = await untilServed(
    () => presentConsents(to.gateway, presentation),
    (presented) => presented.complete && !presented.outcomes.some(isRefusedForNow),
    stop,
  );
  const accepted = outcomes.map(({ accepted: count, institution: { id } }) => `${id} ${count}`);
  step.end(`accepted: ${accepted.join(', ')}`);
}

function isRefusedForNow({ refused }: Presented['outcomes'][number]): boolean {
  return refused.some(({ retry }) => retry === 'LATER');
}

/** Lets the pharmacist present its accreditation, and again before each presentation expires. */
export function keepPharmacistPresented(pilot: Pilot, log: Logger): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const showIn = (ms: number) => {
    if (stopped) return;
    timer = setTimeout(async () => {
      const taken = await letPharmacistPresent(pilot).catch((thrown: unknown) => {
        log.warn({ code: codeOf(thrown) }, 'the pharmacist could not present');
        return false;
      });
      showIn(taken ? ACCREDITATION_MS : RETRY_MS);
    }, ms);
    timer.unref();
  };
  // If it cannot be read, it counts as never presented.
  const dueIn = accreditationDueIn(pilot.folder).catch(() => 0);
  void dueIn.then(showIn);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Milliseconds until the accreditation must be presented again. Nodes keep presentations, so a
 * restarted pilot need not prove again before that.
 */
async function accreditationDueIn(folder: StateFolder): Promise<number> {
  const shown = await folder.readJson<{ readonly atMs: number }>(SHOWN_FILE);
  const ageMs = Math.max(0, Date.now() - (shown?.atMs ?? 0));
  return Math.max(0, ACCREDITATION_MS - ageMs);
}

/** @returns whether every institution accepted it. */
async function letPharmacistPresent(pilot: Pilot): Promise<boolean> {
  const accreditation = await registerPharmacist(pilot.folder, pilot.memberships);
  const pharmacist = await loadPersona(pilot.folder, 'pharmacist');
  const { endpointOf, stopSignal: stop } = pilot;
  const { complete, outcomes } = await presentPharmacist(
    { gateway: await gatewayOf(pilot), endpointOf, stop },
    pharmacist,
    accreditation,
  );
  const taken = complete && outcomes.every(({ refused }) => refused.length === 0);
  if (taken) await pilot.folder.writeJson(SHOWN_FILE, { atMs: Date.now() });
  return taken;
}

function gatewayOf({ gateway, gatewayKey }: Pilot): Promise<Gateway> {
  return connectGateway({ url: gateway.url, fetch, thumbprint: gatewayKey.thumbprint });
}
