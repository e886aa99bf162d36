/**
 * A process that works alone in a schema and writes without a pause, for a test that kills or freezes
 * it. Run: tsx test/support/store/lease-holder.ts URL NAME
 */
import { sql } from 'drizzle-orm';
import { codeOf } from '../../../src/core/errors.js';
import { openPostgres } from '../../../src/store/postgres.js';

const WRITERS = 4;
const [url = '', name = ''] = process.argv.slice(2);

const server = await openPostgres({
  url,
  times: { idleMs: 2_000 },
  onWait: (what) => console.log(`waits for ${what}`),
  onLeaseLost() {
    console.log('lost');
    process.exit(75);
  },
});
const db = await server
  .open('riverside-hospital', { alone: true })
  .catch(async (thrown: unknown) => {
    console.log(codeOf(thrown));
    await server.close();
    process.exit(1);
  });
console.log('holds');
let isStopping = false;
process.once('SIGTERM', () => {
  isStopping = true;
  void server.close().then(() => process.exit(0));
});

async function write(): Promise<void> {
  while (!isStopping) {
    await db
      .transaction(async (tx) => {
        await tx.execute(sql`INSERT INTO written (holder) VALUES (${name})`);
        // A freeze meets some in the middle of a transaction.
        await tx.execute(sql`SELECT pg_sleep(0.005)`);
      })
      .catch((thrown: unknown) => console.log(codeOf(thrown)));
  }
}

await Promise.all(Array.from({ length: WRITERS }, write));
