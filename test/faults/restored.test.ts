import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/process/ports.js';
import { loadNodeKeys } from '../../src/cli/state/node-keys.js';
import { openStateFolder } from '../../src/cli/state/state-folder.js';
import { toInstitutionId } from '../../src/core/ids.js';
import { admitByFounder } from '../../src/ledger/governance/register-client.js';
import { readInstitutions } from '../../src/ledger/read/read.js';
import type { Register } from '../../src/ledger/rpc/connection.js';
import { ledgerAccountOf } from '../../src/ledger/write/account.js';
import { deployRegister } from '../../src/ledger/write/deploy.js';
import { schemaOf } from '../../src/store/database.js';
import { startAssent } from '../support/cli/assent.js';
import { expectFault } from '../support/faults/table.js';
import { IS_LONG } from '../support/is-long.js';
import { ownLedger } from '../support/ledger/external-ledger.js';
import {
  admissionOf,
  CHAIN_ID,
  newAccount,
  parametersOf,
  startChain,
  type TestChain,
} from '../support/ledger/small-network.js';
import { layPglite } from '../support/store/pglite-image.js';
import { findPostgres } from '../support/store/postgres-binaries.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../support/store/postgres-server.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/backup-and-restore.md', import.meta.url));
const INSTITUTION = toInstitutionId('institution-0');
/** Five starts of a node; a machine may be busy with much else. */
const TIMEOUT_MS = 240_000;
const READY_MS = 60_000;

/** The commands of the page that begin with that line. */
function commands(title: string): string {
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/```sh\n(# [^\n]*)\n([^`]*)```/g)];
  const found = blocks.find(([, first]) => first === `# ${title}`);
  if (found?.[2] === undefined) throw new Error(`the page has no commands for: ${title}`);
  return found[2];
}

test('each block of commands of the page is run here', () => {
  const titles = [...readFileSync(PAGE, 'utf8').matchAll(/```sh\n# ([^\n]*)/g)].map(([, t]) => t);
  const engines = ['postgresql', 'embedded'].flatMap((e) => [`back up: ${e}`, `restore: ${e}`]);
  expect(titles.sort()).toEqual([...engines, 'accept the loss'].sort());
});

/** One engine takes a minute: the other's turn comes with the long tests, or where there is no PostgreSQL. */
const ENGINES = (['embedded', 'postgresql'] as const).filter(
  (engine) => IS_LONG || (engine === 'postgresql') === HAS_POSTGRES,
);

describe.runIf(ownLedger('a node anchors alone')).each(ENGINES)('over %s', (engine) => {
  const isEmbedded = engine === 'embedded';
  const home = mkdtempSync(join(tmpdir(), 'assent-restored-'));
  const state = join(home, 'state');
  let chain: TestChain;
  let register: Register;
  let postgres: PostgresServer | undefined;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    if (!isEmbedded && !HAS_POSTGRES) return;
    chain = await startChain();
    if (isEmbedded) await layPglite(join(state, 'database'));
    else postgres = await startPostgres();
    const { ledgerKey } = await loadNodeKeys(await openStateFolder(state), INSTITUTION);
    const [founder, account] = [newAccount(), ledgerAccountOf(ledgerKey)];
    await chain.anvil.fund([founder.address, account.address]);
    register = await deployRegister({
      rpcUrl: chain.anvil.url,
      chainId: CHAIN_ID,
      account: founder,
      founder: founder.address,
      networkName: 'pilot',
      parameters: parametersOf(),
      endpointDelaySeconds: 0,
    });
    await admitByFounder(register, founder, admissionOf(0, account.address));
    env = {
      ASSENT_INSTITUTION: INSTITUTION,
      ASSENT_NODE_PORT: String(await findFreePort()),
      ASSENT_LEDGER_RPC_URLS: chain.anvil.url,
      ASSENT_LEDGER_CONTRACT: register.contract,
      ASSENT_LEDGER_CHAIN_ID: String(CHAIN_ID),
      ASSENT_CADENCE_SECONDS: '2',
      ASSENT_DRAIN_MILLISECONDS: '0',
      ...(postgres === undefined ? {} : { DATABASE_URL: postgres.url }),
    };
  }, TIMEOUT_MS);
  afterAll(async () => {
    await postgres?.stop();
    await chain?.end();
    rmSync(home, { recursive: true, force: true });
  });

  async function anchors(): Promise<number> {
    const block = await register.ledger.client.getBlockNumber();
    const [own] = await readInstitutions(register, block);
    return own?.anchors ?? 0;
  }

  const start = () => startAssent(['--state-folder', state, 'node'], env);

  /** Runs the node until it has anchored so often, and stops it in order. */
  async function runUntil(wanted: number): Promise<string> {
    const node = start();
    await node.untilPrinted(/the node answers/, READY_MS);
    await expect.poll(anchors, { timeout: 40_000, interval: 200 }).toBeGreaterThanOrEqual(wanted);
    const { code, stderr } = await node.end('SIGTERM');
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    return stderr;
  }

  /** Runs a block of the page by the shell that an operator has. */
  async function run(title: string): Promise<string> {
    const program = `assent() { "${process.execPath}" "${MAIN}" "$@"; }\nset -eu\n${commands(title)}`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', program], {
      env: {
        ...process.env,
        ...env,
        NODE_ENV: 'development',
        PATH: `${findPostgres()?.folder ?? ''}:${process.env.PATH}`,
        STATE: state,
        BACKUP: join(home, 'backup'),
        INSTITUTION,
        SCHEMA: schemaOf(INSTITUTION),
      },
    });
    return stdout;
  }

  test(
    'restored-old: a backup that is older than the ledger serves nothing until it is accepted',
    async (context) => {
      if (!isEmbedded && !HAS_POSTGRES) context.skip('no PostgreSQL');
      mkdirSync(join(home, 'backup'));
      await runUntil(1);
      await run(`back up: ${engine}`);
      // A backup that is as new as the ledger starts as if nothing had been.
      await run(`restore: ${engine}`);
      await runUntil((await anchors()) + 1);
      const before = await anchors();

      await run(`restore: ${engine}`);
      const refused = await start().ended;
      expect(refused.code).toBe(1);
      const log = [...refused.stderr.matchAll(/^assent: ([A-Z_]+)/gm)].map(([, code = '']) => code);
      expectFault('restored-old', { health: ['closed'], answer: ['closed'], log });
      expect(await anchors()).toBe(before);

      const said = await run('accept the loss');
      expect(said).toMatch(/continues with \d+ of its \d+ anchors; [1-9]\d* are lost/);
      await expect(run('accept the loss')).rejects.toThrow(/BAD_INPUT/);
      await runUntil(before + 1);
    },
    TIMEOUT_MS,
  );
});
