import Table from 'cli-table3';
import colors from 'picocolors';
import { countRows } from '../../store/count-rows.js';
import { CAN } from './explorer/descriptions.js';
import type { Membership } from './membership.js';
import { mintToken, PERSONAS } from './personas.js';
import type { Pilot } from './pilot.js';
import { PILOT_STUDY } from './plan.js';

/** What the pilot prints when it is ready: the institutions, and what to do next. */
export async function readyText(pilot: Pilot, seconds: number): Promise<string> {
  const { gateway, folder, gatewayKey } = pilot;
  const snapshot = gateway.watch.current();
  const token = await mintToken(folder, 'portal', gatewayKey.thumbprint);
  return `
${await institutionTable(pilot)}
ledger head: epoch ${snapshot.epoch}, root ${String(snapshot.root).slice(0, 12)}…, chain ${snapshot.chainId}
seed ${pilot.plan.seed}, ${pilot.plan.people} people

${personaTable(gateway.url)}
npm run token -- PERSONA prints a fresh header.

Paste this:
${curlLine(gateway.url, token)}

${colors.green(`Ready after ${seconds.toFixed(1)} s: ${colors.bold(gateway.url)}`)}   try: npm run tour
`;
}

async function institutionTable({ memberships, endpointOf }: Pilot): Promise<string> {
  const table = new Table({ head: ['institution', 'role', 'rows', 'node'], style: { head: [] } });
  for (const membership of memberships) {
    const { id, name, role } = membership.institution;
    table.push([`${name} (${id})`, role, await rowCount(membership), endpointOf(id)]);
  }
  return table.toString();
}

const HOLDINGS: Record<string, { readonly table: string; readonly noun: string }> = {
  HOSPITAL: { table: 'resource', noun: 'FHIR resources' },
  SPONSOR: { table: 'trial', noun: 'trials' },
  MANUFACTURER: { table: 'event', noun: 'EPCIS events' },
  PHARMACY: { table: 'event', noun: 'EPCIS events' },
};

async function rowCount({ institution, db }: Membership): Promise<string> {
  if (db === undefined) return 'in a separate process';
  const holding = HOLDINGS[institution.role];
  return holding === undefined ? '' : `${await countRows(db, holding.table)} ${holding.noun}`;
}

function personaTable(url: string): string {
  const table = new Table({ head: ['persona', 'can', 'link'], style: { head: [] } });
  for (const name of PERSONAS) {
    const link = name === 'portal' ? `${url}/` : `${url}/explorer?persona=${name}`;
    table.push([name, CAN[name], link]);
  }
  return table.toString();
}

/** One command line that works when pasted: it reads the portal's rows of its study. */
function curlLine(url: string, token: string): string {
  const query = `{ study(id: \\"${PILOT_STUDY.id}\\") { participants(first: 3) { complete nodes { pseudonym } } } }`;
  return `curl -s ${url}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${token}' -d '{"query":"${query}"}'`;
}
