import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type SponsorNetwork,
  type SponsorNode,
  startSponsorNetwork,
} from '../support/faults/sponsor-node.js';
import { expectFault } from '../support/faults/table.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../support/store/postgres-server.js';

const TIMEOUT_MS = 60_000;
/** What a node may take to stop while its database says nothing. */
const STOP_MS = 10_000;

/** What stands for a patient's data. */
const CANARY = 'Kestrel-4711';
const FIELD = '4711471147114711';

/** Questions and mutations whose values reach statements, at the paths of their subgraphs. */
const QUESTIONS = [
  ['trials', `{ trials(where: { condition: "${CANARY}" }) { nodes { id } } }`],
  ['trials', `{ trial(id: "${CANARY}") { id } }`],
  ['consent', `mutation { withdrawConsents(secrets: ["${FIELD}"]) { complete } }`],
] as const;

async function post(url: string, [path, query]: readonly [string, string]): Promise<string> {
  const answer = await fetch(`${url}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return answer.text();
}

describe.skipIf(!HAS_POSTGRES)('a node over PostgreSQL', { timeout: TIMEOUT_MS }, () => {
  let network: SponsorNetwork;
  let postgres: PostgresServer;
  let node: SponsorNode;

  beforeAll(async () => {
    [network, postgres] = await Promise.all([startSponsorNetwork(), startPostgres()]);
    await network.fill(postgres.url);
    node = await network.launch(postgres.url, {
      ASSENT_DATABASE_STATEMENT_MILLISECONDS: '1000',
      ASSENT_DATABASE_CONNECT_MILLISECONDS: '1000',
    });
    await node.ready();
  }, TIMEOUT_MS);
  afterEach(() => postgres.thaw());
  afterAll(async () => {
    await node?.process.end('SIGKILL');
    await Promise.all([network?.end(), postgres?.stop()]);
  });

  /** Eight who ask one question after another while the fault lasts. */
  async function askedDuring(fault: () => Promise<unknown>): Promise<readonly string[]> {
    let lasts = true;
    const answers: string[] = [];
    const asking = Array.from({ length: 8 }, async () => {
      while (lasts) answers.push(await node.ask());
    });
    await fault();
    lasts = false;
    await Promise.all(asking);
    return answers;
  }

  test('postgres-restarted: every question is answered whole, three restarts under load', async () => {
    const health: string[] = [];
    const answer = await askedDuring(async () => {
      for (let times = 0; times < 3; times += 1) {
        await postgres.restart();
        health.push(...(await node.health()));
        await delay(300);
      }
    });
    expect(answer.length).toBeGreaterThan(16);
    expect(node.process.child.exitCode).toBeNull();
    expectFault('postgres-restarted', { health, answer, log: node.log() });
  });

  test('statement-refused: whichever table fails, nothing of the question or the rows is said', async () => {
    const before = node.log().length;
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const schema = 'assent_institution_0';
    const { rows } = await client.query<{ name: string }>(
      'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1',
      [schema],
    );
    const answer: string[] = [];
    const health: string[] = [];
    let text = '';
    // Its node would end without its lease, which is another fault.
    for (const { name } of rows.filter((row) => row.name !== 'process_lease')) {
      await client.query(`ALTER TABLE ${schema}."${name}" RENAME TO away`);
      const asked = await Promise.all([
        ...QUESTIONS.map((body) => post(node.url, body)),
        delay(50),
      ]);
      text += asked.join();
      answer.push(await node.ask());
      health.push(...(await node.health()));
      await client.query(`ALTER TABLE ${schema}.away RENAME TO "${name}"`);
    }
    await client.end();
    expect(await node.ask()).toBe('whole');
    expect(answer).toContain('INTERNAL');
    expect(text).toContain('INTERNAL');
    const said = text + node.process.stdout() + node.process.stderr();
    for (const canary of [CANARY, FIELD]) expect(said).not.toContain(canary);
    expectFault('statement-refused', { health, answer, log: node.log().slice(before) });
  });

  test('postgres-frozen: questions are told so in time, and a stop is prompt', async () => {
    expect(await node.ask()).toBe('whole');
    const before = node.log().length;
    postgres.freeze();
    const asked = Date.now();
    const answer = await Promise.all(Array.from({ length: 20 }, () => node.ask()));
    expect(Date.now() - asked).toBeLessThan(5_000);
    const health = await node.health();
    postgres.thaw();
    await expect.poll(() => node.ask(), { timeout: 10_000 }).toBe('whole');
    expectFault('postgres-frozen', { health, answer, log: node.log().slice(before) });

    postgres.freeze();
    const told = Date.now();
    const { code } = await node.process.end('SIGTERM');
    expect(code).toBe(0);
    expect(Date.now() - told).toBeLessThan(STOP_MS);
  });
});
