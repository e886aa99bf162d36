import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
/** What the lease promises, and what a node needs to start on a machine that is busy. */
const TAKEOVER_MS = 10_000 + 10_000;

describe.skipIf(!HAS_POSTGRES)('the database of an institution', { timeout: TIMEOUT_MS }, () => {
  let network: SponsorNetwork;
  let postgres: PostgresServer;
  const nodes: SponsorNode[] = [];
  /** Whose the database is; each test gives it to the next. */
  let owner: SponsorNode;

  beforeAll(async () => {
    [network, postgres] = await Promise.all([startSponsorNetwork(), startPostgres()]);
    await network.fill(postgres.url);
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const node of nodes) await node.process.end('SIGKILL');
    await Promise.all([network?.end(), postgres?.stop()]);
  });

  async function launch(): Promise<SponsorNode> {
    // So long its takeover waits for a frozen process that was in the middle of a write.
    const node = await network.launch(postgres.url, { ASSENT_DATABASE_IDLE_MILLISECONDS: '2000' });
    nodes.push(node);
    return node;
  }

  test('database-shared: a second process is refused, and the first answers on', async () => {
    owner = await launch();
    await owner.ready();
    const second = await launch();
    expect((await second.process.ended).code).toBe(1);
    const answer = [await second.ask()];
    expectFault('database-shared', { health: await second.health(), answer, log: second.log() });
    expect(await owner.ask()).toBe('whole');
  });

  test('database-owner-killed: the next takes over within seconds', async () => {
    await owner.process.end('SIGKILL');
    const killed = Date.now();
    const next = await launch();
    await next.ready();
    expect(Date.now() - killed).toBeLessThan(TAKEOVER_MS);
    const answer = [await next.ask()];
    expectFault('database-owner-killed', { health: await next.health(), answer, log: next.log() });
    owner = next;
  });

  test('database-owner-frozen: it ends when it wakes up, and the other answers', async () => {
    const frozen = owner;
    frozen.process.child.kill('SIGSTOP');
    const next = await launch();
    await next.ready();
    frozen.process.child.kill('SIGCONT');
    expect((await frozen.process.ended).code).toBe(75);
    expect(frozen.log().at(-1)).toBe('another process uses the database');
    const answer = [await frozen.ask()];
    expectFault('database-owner-frozen', {
      health: await frozen.health(),
      answer,
      log: frozen.log(),
    });
    expect(await next.ask()).toBe('whole');
  });
});
