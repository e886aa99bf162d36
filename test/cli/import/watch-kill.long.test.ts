import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSeededLines } from '../../../bench/import/seeded-lines.js';
import { openPostgres } from '../../../src/store/postgres.js';
import { startAssent } from '../../support/cli/assent.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../../support/store/postgres-server.js';

const RESOURCES = 8_000;
const LATE_MS = 1_200_000;
let home: string;
let postgres: PostgresServer | undefined;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assent-watch-kill-'));
  postgres = HAS_POSTGRES ? await startPostgres() : undefined;
});
afterAll(async () => {
  await postgres?.stop();
  await rm(home, { recursive: true, force: true });
});

const ENGINES = [
  ['the embedded engine', false],
  ['PostgreSQL, beside the process that has the database', true],
] as const;

test.each(ENGINES)(
  'a watch is killed, begun again and told to stop: exact, on %s',
  async (_, isServer) => {
    if (isServer && postgres === undefined) return;
    const folder = join(home, isServer ? 'server' : 'embedded');
    const inbox = join(folder, 'inbox');
    await mkdir(inbox, { recursive: true });
    await writeSeededLines(join(inbox, 'night.ndjson.part'), RESOURCES);
    const env = isServer ? { DATABASE_URL: postgres?.url } : {};
    const args = [
      ...['--state-folder', join(folder, 'state'), 'import', 'fhir', '--watch', inbox],
      ...[
        '--institution',
        'riverside-hospital',
        '--every',
        '1',
        '--settled',
        '2',
        '--threads',
        '1',
      ],
    ];
    // What a node has: the lease on the schema.
    const node = isServer ? await openPostgres({ url: postgres?.url ?? '' }) : undefined;
    await node?.open('riverside-hospital', { alone: true });
    try {
      const first = startAssent(args, env);
      await first.untilPrinted(/watching/, LATE_MS);
      await rename(join(inbox, 'night.ndjson.part'), join(inbox, 'night.ndjson'));
      await first.untilPrinted(/ 20% of /, LATE_MS);
      await first.end('SIGKILL');

      const second = startAssent(args, env);
      await second.untilPrinted(/ 60% of /, LATE_MS);
      const stopped = await second.end('SIGTERM');
      expect([stopped.code, stopped.stderr.includes('assent:')]).toEqual([0, false]);
      expect(stopped.stdout).not.toContain('night.ndjson');

      const third = startAssent(args, env);
      await third.untilPrinted(/night\.ndjson: /, LATE_MS);
      const { code, stdout } = await third.end('SIGTERM');
      const [, line, taken] = /continues after line (\d+), taken (\d+)/.exec(stdout) ?? [];
      expect(Number(line)).toBeGreaterThanOrEqual(RESOURCES / 2);
      expect([Number(line) + Number(taken), code]).toEqual([RESOURCES, 0]);

      const fourth = startAssent(args, env);
      await fourth.untilPrinted(/watching/, LATE_MS);
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      expect((await fourth.end('SIGTERM')).stdout).not.toContain('night.ndjson');
    } finally {
      await node?.close();
    }
  },
);
