import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeFunctionData, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PILOT_INSTITUTIONS } from '../../../../src/cli/pilot/institutions.js';
import { type PilotLedger, startPilotLedger } from '../../../../src/cli/pilot/ledger.js';
import { findFreePort } from '../../../../src/cli/process/ports.js';
import { loadNodeKeys } from '../../../../src/cli/state/node-keys.js';
import { openStateFolder } from '../../../../src/cli/state/state-folder.js';
import { registerAbi } from '../../../../src/ledger/contract/register-abi.js';
import { setEndpoint } from '../../../../src/ledger/governance/register-client.js';
import { readInstitutions } from '../../../../src/ledger/read/read.js';
import { openRegister } from '../../../../src/ledger/rpc/connection.js';
import { ledgerAccountOf } from '../../../../src/ledger/write/account.js';
import { ownLedger } from '../../../support/ledger/external-ledger.js';
import { call, isReachable, sendHttp, sendOverSocket } from '../../../support/ledger/page.js';
import { at, silentLog } from '../../../support/ledger/small-network.js';

const own = ownLedger('the pilot runs a ledger of its own');
const HOSPITAL = at(PILOT_INSTITUTIONS, 0);
const JSON_TYPE = { 'content-type': 'application/json' };
const PAGE = { origin: 'https://evil.example' };

describe.runIf(own)('ledger-from-a-page', () => {
  let directory: string;
  let port: number;
  let ledger: PilotLedger;
  let account: Hex;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'assent-page-'));
    const folder = await openStateFolder(directory);
    port = await findFreePort();
    ledger = await startPilotLedger({ folder, port, acknowledgementQuorum: 0, log: silentLog });
    const keys = await loadNodeKeys(folder, HOSPITAL.id);
    await ledger.admit({ institution: HOSPITAL, keys, endpoint: 'http://127.0.0.1:4011/' });
    account = ledgerAccountOf(keys.ledgerKey).address;
    rightful = () => setEndpoint(ledger.register, ledgerAccountOf(keys.ledgerKey), RIGHTFUL);
  });
  afterAll(async () => {
    await ledger.anvil.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const RIGHTFUL = 'http://127.0.0.1:4012/';
  let rightful: () => Promise<void>;

  /** The steps of the attack: have the chain act as the hospital, and lead its endpoint elsewhere. */
  function theft(): readonly string[] {
    const args = ['http://127.0.0.1:6666/'] as const;
    const data = encodeFunctionData({ abi: registerAbi, functionName: 'setEndpoint', args });
    return [
      call('anvil_impersonateAccount', account),
      call('eth_sendTransaction', { from: account, to: ledger.register.contract, data }),
    ];
  }

  async function endpoint(): Promise<string> {
    const { register } = ledger;
    const block = await register.ledger.client.getBlockNumber();
    return at(await readInstitutions(register, block), 0).endpoint;
  }

  test('ledger-from-a-page: a WebSocket of a web page is refused, whatever it asks', async () => {
    const before = await endpoint();
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port}`]) {
      expect(await sendOverSocket(port, theft(), { origin })).toBeUndefined();
    }
    const rebound = { host: `evil.example:${port}` };
    expect(await sendOverSocket(port, theft(), rebound)).toBeUndefined();
    expect(await endpoint()).toBe(before);
  });

  test.each([
    ['ORIGIN', { ...PAGE, ...JSON_TYPE }],
    ['ORIGIN', { ...PAGE, 'content-type': 'text/plain' }],
    ['ORIGIN', { origin: 'null', ...JSON_TYPE }],
    ['HOST', { host: 'evil.example', ...JSON_TYPE }],
    ['HOST', { host: '127.0.0.1.evil.example', ...JSON_TYPE }],
    ['CONTENT_TYPE', { 'content-type': 'text/plain' }],
    ['CONTENT_TYPE', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['CONTENT_TYPE', {}],
  ])('ledger-from-a-page: a request is refused by %s with %j', async (check, headers) => {
    const before = await endpoint();
    // One that is allowed to others: it is the sender that is refused.
    for (const body of [call('eth_chainId'), ...theft()]) {
      const { status, text } = await sendHttp(port, body, headers);
      expect([status, refusalIn(text)]).toEqual([403, { code: 'LEDGER_PORT_REFUSED', check }]);
    }
    expect(await endpoint()).toBe(before);
  });

  test('ledger-from-a-page: a preflight is given no leave', async () => {
    const { status, text } = await sendHttp(port, '', { ...PAGE, ...JSON_TYPE }, 'OPTIONS');
    expect([status, refusalIn(text)]).toMatchObject([403, { check: 'ORIGIN' }]);
  });

  test('ledger-from-a-page: a page that sends no Origin finds no method that harms', async () => {
    const before = await endpoint();
    const twice = `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","method":"anvil_impersonateAccount","params":["${account}"]}`;
    const bodies = [
      ...theft(),
      `[${call('eth_chainId')},${at(theft(), 0)}]`,
      twice,
      ...['anvil_dumpState', 'anvil_reset', 'evm_mine', 'evm_snapshot', 'hardhat_setCode'].map(
        (method) => call(method),
      ),
      ...['personal_sign', 'eth_sign', 'debug_traceCall', 'txpool_content', 'ETH_CHAINID'].map(
        (method) => call(method),
      ),
    ];
    for (const body of bodies) {
      const { text } = await sendHttp(port, body, JSON_TYPE);
      expect(refusalIn(text)).toEqual({ code: 'LEDGER_PORT_REFUSED', check: 'METHOD' });
    }
    const answers = await sendOverSocket(port, bodies, {});
    for (const text of answers ?? ['not opened']) {
      expect(refusalIn(text)).toEqual({ code: 'LEDGER_PORT_REFUSED', check: 'METHOD' });
    }
    expect(await endpoint()).toBe(before);
  });

  test('ledger-from-a-page: there is no other way to the chain', async () => {
    const ports = listeningPortsOf(ledger.anvil.pid() ?? 0);
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const hosts = ['0.0.0.0', '127.0.0.1', '127.0.0.2', '224.0.0.1'];
    for (const host of [...hosts, ...addresses.map(({ address }) => address)]) {
      for (const inner of ports)
        expect([host, await isReachable(host, inner)]).toEqual([host, false]);
    }
    // The private way is a file: no page opens one, and no other user this one.
    const socket = ledger.anvil.socketPath;
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    expect(await isReachable('127.0.0.1', port)).toBe(true);
  });

  test('ledger-from-a-page: the hospital itself changes its endpoint, over HTTP and a WebSocket', async () => {
    await rightful();
    expect(await endpoint()).toBe(RIGHTFUL);
    const { contract, pins } = ledger.register;
    const socket = openRegister(`ws://127.0.0.1:${port}`, contract, pins);
    expect(
      at(await readInstitutions(socket, await socket.ledger.client.getBlockNumber()), 0),
    ).toMatchObject({ id: HOSPITAL.id, endpoint: RIGHTFUL });
    socket.ledger.close();
    const batch = `[${call('eth_chainId')},${call('eth_blockNumber')}]`;
    const { status, text } = await sendHttp(port, batch, JSON_TYPE);
    expect([status, JSON.parse(text)]).toMatchObject([200, [{ id: 1 }, { id: 1 }]]);
  });
});

function refusalIn(text: string): unknown {
  const json: unknown = JSON.parse(text);
  const [first] = Array.isArray(json) ? json : [json];
  const { error } = first as { error?: { message: string; data?: { check: string } } };
  return error && { code: error.message, check: error.data?.check };
}

/** The TCP ports at which a process listens, as the system has them. */
function listeningPortsOf(pid: number): readonly number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  const inodes = new Set(sockets.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const LISTENING = '0A';
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTENING && inodes.has(fields[9]))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
