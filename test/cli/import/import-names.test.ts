import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNames } from '../../../src/cli/state/network-names.js';
import { settingsOf } from '../../../src/cli/state/settings.js';
import { openStateFolder } from '../../../src/cli/state/state-folder.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { admitByFounder } from '../../../src/ledger/governance/register-client.js';
import type { Register } from '../../../src/ledger/rpc/connection.js';
import { openPglite } from '../../../src/store/pglite.js';
import { site, trial } from '../../../src/trials/table.js';
import { assentInProcess } from '../../support/cli/in-process.js';
import {
  admissionOf,
  at,
  deployNetwork,
  newAccount,
  startChain,
  type TestChain,
} from '../../support/ledger/small-network.js';
import { layPglite } from '../../support/store/pglite-image.js';
import { v2Study } from '../../support/trials/studies.js';

const home = mkdtempSync(join(tmpdir(), 'assent-import-names-'));
const state = join(home, 'state');
const file = join(home, 'trial.json');
/** Names that no pilot has, and one that the pilot's sponsor has. */
const NAMES = ['St. Elsewhere Medical Center', 'Acme Therapeutics', 'Twin Clinic', 'Twin Clinic'];
const READER = toInstitutionId('institution-1');
let chain: TestChain;
let register: Register;

beforeAll(async () => {
  chain = await startChain();
  const parameters = { voteThreshold: NAMES.length };
  const network = await deployNetwork(chain.anvil, 0, 0, parameters);
  register = network.register;
  for (const [slot, name] of NAMES.entries()) {
    const account = newAccount();
    await admitByFounder(register, network.founder, {
      ...admissionOf(slot, account.address),
      name,
      roles: [slot === 1 ? 'SPONSOR' : 'HOSPITAL'],
    });
  }
  await layPglite(join(state, 'database'));
  const facilities = [
    at(NAMES, 0),
    'Riverside Hospital',
    'Twin Clinic',
    'institution-2',
    'party-3',
  ];
  const study = v2Study('NCT01234567', {
    sponsorCollaboratorsModule: { leadSponsor: { name: 'Acme Therapeutics' } },
    contactsLocationsModule: { locations: facilities.map((facility) => ({ facility })) },
  });
  writeFileSync(file, JSON.stringify(study));
});
afterAll(async () => {
  await chain.end();
  rmSync(home, { recursive: true, force: true });
});

function configFile(settings: object): string {
  const path = join(home, `${Object.keys(settings).join('-') || 'none'}.json`);
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

const ledger = () => ({
  ledgerRpcUrls: chain.anvil.url,
  ledgerContract: register.contract,
  ledgerChainId: register.pins.chainId,
});

async function importTrial(settings: object) {
  const where = ['--state-folder', state, '--config', configFile(settings)];
  return assentInProcess([...where, 'import', 'trials', file, '--institution', READER]);
}

async function storedNames() {
  const server = await openPglite({ directory: join(state, 'database') });
  try {
    const db = await server.open(READER);
    return await db.transaction(async (tx) => {
      const [stored] = await tx.select({ record: trial.record }).from(trial);
      const sites = await tx
        .select({ institution: site.institution })
        .from(site)
        .orderBy(site.ordinal);
      return [stored?.record.sponsor, ...sites.map(({ institution }) => institution)];
    }, 'read');
  } finally {
    await server.close();
  }
}

describe('assent import trials', () => {
  test('without a ledger resolves nobody, not the pilot either, and says so', async () => {
    const { code, stdout } = await importTrial({});
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^! no ledger is set/)]);
    expect(stdout).toContain('taken 1');
  });

  test('resolves sponsor and sites by the names and identifiers on the ledger', async () => {
    expect(await importTrial(ledger())).toMatchObject({ code: 0, stderr: '' });
    expect(await storedNames()).toEqual([
      ...[READER, 'institution-0', null, null],
      ...['institution-2', 'institution-3'],
    ]);
  });

  test('needs a ledger in production, and one that answers where one is set', async () => {
    const folder = await openStateFolder(state);
    const none = settingsOf({ stateFolder: state, config: configFile({}) });
    await expect(
      readNames({ ...none, environment: 'production' }, folder, READER),
    ).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    const dead = { ...ledger(), ledgerRpcUrls: 'http://127.0.0.1:1' };
    const gone = settingsOf({ stateFolder: state, config: configFile(dead) });
    await expect(readNames(gone, folder, READER)).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
  });
});
