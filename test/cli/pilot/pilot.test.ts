import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../src/cli/process/ports.js';
import {
  ask,
  assent,
  choosePorts,
  type Ended,
  type Running,
  START_TIMEOUT_MS,
  startAssent,
  startPilot,
  tokenOnPage,
} from '../../support/cli/assent.js';
import { describeExplorerPage } from '../../support/cli/explorer-page.js';
import { descendantsOf, isAlive } from '../../support/cli/processes.js';
import { describeOperations, read, variablesOf } from '../../support/cli/ready-operations.js';
import { layPglite } from '../../support/store/pglite-image.js';

const PERSONAS = ['portal', 'researcher', 'sponsor', 'pharmacist', 'participant'];
const PARTICIPANTS = `{ study(id: "NCT90000001") {
  participants { complete nodes { pseudonym } } } network { epoch } }`;
const TRIALS = '{ trials(first: 3) { nodes { id } complete } }';

const home = mkdtempSync(join(tmpdir(), 'assent-pilot-'));
const state = join(home, 'state');
const ports = await choosePorts();
const { url, env } = ports;
let pilot: Running;

beforeAll(async () => {
  pilot = await startPilot(state, ports);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await pilot?.end('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

/** One line that names the code, no stack, and the exit status of a failure. */
function expectRefused({ code, stderr }: Ended, error: string): void {
  // The log goes to the same place without waiting, so its lines may come before or after this one.
  const said = stderr.split('\n').filter((line) => line.startsWith('assent: '));
  expect(said).toEqual([expect.stringMatching(new RegExp(`^assent: ${error} .`))]);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
}

/** Begins to send a body of that many bytes, and hears the answer before it is all sent. */
async function announceBody(to: string, bytes: number) {
  const headers = { 'content-type': 'application/json', 'content-length': bytes };
  const sent = request(`${to}/graphql`, { method: 'POST', headers });
  sent.write('{"query":"');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = await new Response(response as unknown as ReadableStream).text();
  sent.destroy();
  return { status: response.statusCode, text };
}

/** What a reader of the study sees: who is there, and how far the ledger is. */
async function seen(token: string) {
  const { data } = await ask(url, PARTICIPANTS, { token });
  type Seen = {
    study: { participants: { complete: boolean; nodes: { pseudonym: string }[] } } | null;
    network: { epoch: number };
  };
  const { study, network } = data as Seen;
  const pseudonyms = study?.participants.nodes.map(({ pseudonym }) => pseudonym) ?? [];
  return { pseudonyms, complete: study?.participants.complete ?? false, epoch: network.epoch };
}

/** The way of a pack as the pharmacist sees it; null for whoever has shown no accreditation. */
async function traced(): Promise<unknown> {
  const variables = variablesOf('trace-pack');
  const token = await tokenOnPage(url, 'pharmacist');
  return (await ask(url, read('trace-pack.graphql'), { variables, token })).data?.trace;
}

describe('a pilot that is ready', () => {
  test('shows who is there, the ledger head, five personas and what to do next', () => {
    const out = pilot.stdout();
    for (const row of [
      /Riverside Hospital \(riverside-hospital\).*HOSPITAL.*\d{3,} FHIR resources/,
      /Lakeshore Hospital \(lakeshore-hospital\).*HOSPITAL.*\d{3,} FHIR resources/,
      /Northwind Trials.*SPONSOR.*12 trials/,
      /Helix Pharma.*MANUFACTURER.*\d+ EPCIS events/,
      /Corner Pharmacy.*PHARMACY.*\d+ EPCIS events/,
      /ledger head: epoch \d+, root \d+…, chain 20401/,
      /seed 20261123, 24 people/,
      /npm run tour/,
    ]) {
      expect(out).toMatch(row);
    }
    for (const persona of PERSONAS) expect(out).toMatch(new RegExp(`${persona} .*http://127`));
  });

  test('prints a line that works when pasted', async () => {
    const line = /^curl .*$/m.exec(pilot.stdout())?.[0] ?? 'false';
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line]);
    const { participants } = JSON.parse(stdout).data.study;
    expect(participants).toMatchObject({ complete: true });
    expect(participants.nodes).toHaveLength(3);
  });

  test.each(PERSONAS)(
    'has a page for the %s, and each link of the table leads to one',
    async (name) => {
      const linked = new RegExp(`${name} .*?(http://127[^ ]*)`).exec(pilot.stdout())?.[1];
      const page = await fetch(String(linked), { headers: { accept: 'text/html' } });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Bearer ');
      const codes = (await ask(url, TRIALS, { token: await tokenOnPage(url, name) })).codes;
      expect(codes).toEqual([]);
    },
  );

  test('prints a fresh header for a persona; an unknown one is refused', async () => {
    const [portal, nobody] = await Promise.all([
      assent(['--state-folder', state, 'token', 'portal'], env),
      assent(['--state-folder', state, 'token', 'nobody'], env),
    ]);
    const token = /^Authorization: Bearer (\S+)\n$/.exec(portal.stdout)?.[1] ?? '';
    expect((await seen(token)).pseudonyms).toHaveLength(3);
    expectRefused(nobody, 'BAD_INPUT');
  });

  test('answers bad requests by code: an unknown argument, a body too large', async () => {
    const unknown = await ask(url, '{ trials(colour: "blue") { nodes { id } } }');
    expect(unknown.codes).toEqual(['BAD_INPUT']);
    const large = await announceBody(url, 5 * 1024 * 1024);
    expect(large.status).toBe(413);
    expect(JSON.parse(large.text).errors[0].extensions.code).toBe('INPUT_TOO_LARGE');
    for (const { text } of [unknown, large]) expect(text).not.toMatch(/stack|\.js:|node_modules/);
  });
});

describe('the ready operations, against the pilot', () => {
  describeOperations({
    url,
    ledger: `http://127.0.0.1:${env.ASSENT_LEDGER_PORT}`,
    folder: home,
  });
});

describe("the explorer's page, against the pilot", () => describeExplorerPage(url));

describe('what cannot start says so in one line', () => {
  test('a second pilot on the same folder, and one on taken ports', async () => {
    const [second, taken] = await Promise.all([
      assent(['--state-folder', state, 'pilot'], { ...env, ASSENT_GATEWAY_PORT: '0' }),
      assent(['--state-folder', join(home, 'other'), 'pilot'], env),
    ]);
    expectRefused(second, 'ALREADY_RUNNING');
    expectRefused(taken, 'PORT_TAKEN');
  });

  test('a state folder that cannot be made, and what was there stays', async () => {
    const file = join(home, 'file');
    writeFileSync(file, 'as before');
    expectRefused(
      await assent(['--state-folder', join(file, 'state'), 'pilot']),
      'STATE_UNWRITABLE',
    );
    expect(readFileSync(file, 'utf8')).toBe('as before');
  });

  test('a state folder on a full disk, and what was there stays', async (context) => {
    const disk = join(home, 'disk');
    mkdirSync(disk);
    const run = promisify(execFile);
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).then(
      () => true,
      () => false,
    );
    if (!mounted) {
      process.stderr.write('SKIPPED: a full disk needs root and mount\n');
      context.skip('a full disk needs root and mount');
    }
    try {
      writeFileSync(join(disk, 'before'), 'as before');
      expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(128 * 1024))).toThrow();
      const line = ['import', 'fhir', home, '--institution', 'riverside-hospital'];
      expectRefused(await assent(['--state-folder', disk, ...line]), 'STATE_UNWRITABLE');
      expect(readdirSync(disk).sort()).toEqual(['before', 'filler']);
      expect(readFileSync(join(disk, 'before'), 'utf8')).toBe('as before');
    } finally {
      await run('umount', [disk]);
    }
  });
});

/** The settings by which a node or gateway alone finds the pilot's ledger. */
function ledgerSettings(): NodeJS.ProcessEnv {
  const { contract, pins } = JSON.parse(readFileSync(join(state, 'ledger/register.json'), 'utf8'));
  return {
    ASSENT_LEDGER_RPC_URLS: `http://127.0.0.1:${env.ASSENT_LEDGER_PORT}`,
    ASSENT_LEDGER_CONTRACT: contract,
    ASSENT_LEDGER_CHAIN_ID: String(pins.chainId),
    ASSENT_LEDGER_GENESIS_HASH: pins.genesisHash,
    ASSENT_LEDGER_CODE_HASH: pins.codeHash,
    ASSENT_LEDGER_LINKED_CODE_HASH: pins.linkedCodeHash,
    // In production a single endpoint is believed only where that is said.
    ASSENT_LEDGER_QUORUM: '1',
  };
}

describe('beside the pilot', () => {
  test('a node that names another chain stops: LEDGER_MISMATCH', async () => {
    const folder = join(home, 'node');
    await layPglite(join(folder, 'database'));
    const args = ['--state-folder', folder, 'node'];
    const node = [...args, '--institution', 'riverside-hospital'];
    const wrong = { ...ledgerSettings(), ASSENT_LEDGER_CHAIN_ID: '1' };
    expectRefused(await assent(node, wrong), 'LEDGER_MISMATCH');
  }, 120_000);

  test("a gateway in production holds no requester's key, and its pages hold no token", async () => {
    const folder = join(home, 'gateway');
    const port = await findFreePort();
    const own = `http://127.0.0.1:${port}`;
    const gateway = startAssent(['--state-folder', folder, 'gateway'], {
      ...ledgerSettings(),
      NODE_ENV: 'production',
      ASSENT_ALLOW_DEVELOPMENT_KEYS: '1',
      ASSENT_GATEWAY_PORT: String(port),
      ASSENT_GATEWAY_URL: 'https://assent.example',
    });
    try {
      await gateway.untilPrinted(/the gateway answers/, 30_000);
      // It answers; and asks none of the pilot's nodes, which have no TLS.
      expect((await ask(own, TRIALS)).data).toMatchObject({ trials: { complete: false } });
      const html = { headers: { accept: 'text/html' } };
      for (const path of ['/explorer', '/graphql', '/']) {
        const page = await fetch(`${own}${path}`, html);
        expect([path, page.status]).toEqual([path, 200]);
        expect(await page.text()).not.toMatch(/Bearer |eyJ[\w-]{20}/);
      }
      for (const persona of PERSONAS) {
        expect((await fetch(`${own}/explorer?persona=${persona}`, html)).status).toBe(404);
      }
      const kept = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      expect(kept.filter((name) => /pilot|persona|wallet/.test(name))).toEqual([]);
      // A token of the pilot is for the pilot's gateway: at this one it opens nothing.
      const stolen = await ask(own, PARTICIPANTS, { token: await tokenOnPage(url, 'portal') });
      expect(stolen.codes).toEqual(['TOKEN_INVALID']);
    } finally {
      const { code } = await gateway.end('SIGTERM');
      expect(code).toBe(0);
    }
  });
});

describe('what ends and comes back', () => {
  test('the ledger killed: answers carry a code, never a stack, and it is there again', async () => {
    const token = await tokenOnPage(url, 'portal');
    const before = await seen(token);
    const anvil = descendantsOf(pilot.pid).find(({ command }) => /\banvil( |$)/.test(command));
    if (anvil === undefined) throw new Error('the pilot has no ledger'); // Killing 0 kills the suite.
    process.kill(anvil.pid, 'SIGKILL');
    const meanwhile = await ask(url, PARTICIPANTS, { token });
    expect(meanwhile.text).not.toMatch(/stack|ECONN|127\.0\.0\.1|\.js:/);
    for (const code of meanwhile.codes) expect(code).toMatch(/^LEDGER_/);
    const epoch = async () => (await seen(token)).epoch;
    // Every institution anchors each 10 s: a later epoch is one of the chain as started again.
    await expect.poll(epoch, { timeout: 45_000, interval: 500 }).toBeGreaterThan(before.epoch);
    expect((await seen(token)).pseudonyms).toEqual(before.pseudonyms);
  });

  test(
    'the pilot killed: it starts where it was, and makes nothing anew',
    async () => {
      const before = await seen(await tokenOnPage(url, 'portal'));
      const shown = () => readFileSync(join(state, 'pilot/accreditation-shown.json'), 'utf8');
      const shownBefore = shown();
      await pilot.end('SIGKILL');
      pilot = await startPilot(state, ports);
      expect(pilot.stderr()).not.toMatch(/sign consents|import|capture|proves consents/);
      expect(pilot.stderr() + pilot.stdout()).not.toMatch(/REGRESSED|UNAVAILABLE|MISMATCH/);
      const after = await seen(await tokenOnPage(url, 'portal'));
      expect(after).toMatchObject({ pseudonyms: before.pseudonyms, complete: true });
      expect(after.epoch).toBeGreaterThanOrEqual(before.epoch);
      expect(await traced()).toMatchObject({ complete: true });
      expect(shown()).toBe(shownBefore);
      const commands = descendantsOf(pilot.pid).map(({ command }) => command);
      expect(commands.filter((command) => command.includes('prove-worker'))).toEqual([]);
    },
    START_TIMEOUT_MS,
  );

  test('the pilot told to stop: no process of its own is left, and the folder is free', async () => {
    const children = descendantsOf(pilot.pid);
    expect(children.some(({ command }) => /anvil/.test(command))).toBe(true);
    const { code } = await pilot.end('SIGTERM');
    expect(code).toBe(0);
    await expect.poll(() => children.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(readdirSync(state)).not.toContain('lock');
  });
});
