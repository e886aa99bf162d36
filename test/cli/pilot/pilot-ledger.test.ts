import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  LAKESHORE,
  PILOT_INSTITUTIONS,
  type PilotInstitution,
  SIXTH_INSTITUTION,
} from '../../../src/cli/pilot/institutions.js';
import { type PilotLedger, startPilotLedger } from '../../../src/cli/pilot/ledger.js';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { readNames } from '../../../src/cli/state/network-names.js';
import { loadNodeKeys } from '../../../src/cli/state/node-keys.js';
import { openStateFolder, type StateFolder } from '../../../src/cli/state/state-folder.js';
import { loadConfig } from '../../../src/core/settings/config.js';
import { readProposals } from '../../../src/ledger/governance/votes.js';
import { readNetworkSettings } from '../../../src/ledger/read/parameters.js';
import { readInstitutions } from '../../../src/ledger/read/read.js';
import { silentLog } from '../../support/ledger/small-network.js';

let directory: string;
let folder: StateFolder;
let ledger: PilotLedger;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-pilot-ledger-'));
  folder = await openStateFolder(directory);
  ledger = await start();
});
afterAll(async () => {
  await ledger.anvil.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<PilotLedger> {
  const port = await findFreePort();
  return startPilotLedger({ folder, port, acknowledgementQuorum: 2, log: silentLog });
}

async function admit(institution: PilotInstitution, endpoint = 'http://127.0.0.1/') {
  const keys = await loadNodeKeys(folder, institution.id);
  return ledger.admit({ institution, keys, endpoint, isApart: institution.id === LAKESHORE });
}

async function listed() {
  return readInstitutions(ledger.register, await ledger.register.ledger.client.getBlockNumber());
}

test('three are admitted by the founder, the others by the votes of those before them', async () => {
  const decided = [];
  for (const institution of PILOT_INSTITUTIONS) decided.push(await admit(institution));
  expect(decided).toEqual([
    ...[undefined, undefined, undefined],
    { votes: 3, institutions: 3 },
    { votes: 3, institutions: 4 },
  ]);
  expect(await readNetworkSettings(ledger.register)).toMatchObject({
    networkName: 'pilot',
    founded: true,
    votesRequired: 3,
  });
});

test('after a start the same five are known, and vote a sixth in', async () => {
  await ledger.anvil.stop();
  ledger = await start();
  for (const institution of PILOT_INSTITUTIONS) {
    expect(await admit(institution, 'http://127.0.0.1/moved')).toBeUndefined();
  }
  expect(await admit(SIXTH_INSTITUTION)).toEqual({ votes: 3, institutions: 5 });
  const institutions = await listed();
  expect(institutions.map(({ id }) => id)).toEqual(
    [...PILOT_INSTITUTIONS, SIXTH_INSTITUTION].map(({ id }) => id),
  );
  const config = loadConfig({ file: undefined, flags: { stateFolder: directory } });
  const names = await readNames(config, folder, LAKESHORE);
  expect([names?.get('Hillside Hospital'), names?.get('lakeshore-hospital')]).toEqual([
    SIXTH_INSTITUTION.id,
    LAKESHORE,
  ]);
  expect(institutions[0]?.endpoint).toBe('http://127.0.0.1/moved');
});

test('the institution whose transactions another process sends is not asked while others do', async () => {
  const { client } = ledger.register.ledger;
  const lakeshore = (await listed()).find(({ id }) => id === LAKESHORE);
  const writes = await client.getTransactionCount({ address: lakeshore?.account ?? '0x' });
  // Its vote on the fourth, when all three were needed, and its endpoint; none on the fifth and sixth.
  expect((await readProposals(ledger.register)).map(({ executed }) => executed)).toEqual([
    ...[true, true, true],
  ]);
  expect(writes).toBe(2);
});
