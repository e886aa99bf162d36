/**
 * One institution's node in a process of its own, twice: through its gate, and beside it. Run with a
 * NodeSetting as JSON; prints where both listen, as one line of JSON.
 */
import { pino } from 'pino';
import type { PermitSet } from '../../src/consent/gate/permit.js';
import { type InstitutionId, toPseudonym } from '../../src/core/ids.js';
import { createNodeServer } from '../../src/federation/node-server.js';
import { mountSubgraph } from '../../src/federation/serve-subgraph.js';
import type { Database } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres.js';
import { DatabaseTrials } from '../../src/trials/database.js';
import { trialsSubgraph } from '../../src/trials/subgraph.js';
import { loadStatements } from '../../src/zk/verify/verify.js';
import { besideGate, createHospital, gateOf, type Open, throughGate } from '../records/hospital.js';
import { permitsOf } from '../records/presentations.js';
import { withoutLog } from '../records/without-log.js';
import { sayOnceReady } from './program.js';

/** Which node, over which database. */
export interface NodeSetting {
  readonly institution: InstitutionId;
  readonly databaseUrl: string;
  readonly isHospital: boolean;
  /** Whose rows are open beside the gate. */
  readonly pseudonyms: readonly string[];
}

const logger = pino({ level: 'silent' });
const setting = JSON.parse(process.argv[2] ?? '') as NodeSetting;
const { institution, isHospital, databaseUrl } = setting;

async function createSponsor(db: Database, openAt: Open) {
  const app = createNodeServer({ logger, health: () => ({}) });
  const schema = trialsSubgraph<PermitSet>(
    new DatabaseTrials(db, institution, async (rows) => rows.map(() => null)),
  );
  const open = openAt(institution, gateOf(institution, db));
  await mountSubgraph(app, { path: '/trials', schema, open, logger });
  return app;
}

// A presentation counts only while its statement's key is in force here.
await loadStatements({ production: false, allowDevelopmentKeys: true });
const db = await (await openPostgres({ url: databaseUrl, poolSize: 8 })).open(institution);
const create = (over: Database, openAt: Open) =>
  isHospital ? createHospital(institution, over, openAt) : createSponsor(over, openAt);
const permits = permitsOf(
  setting.pseudonyms.map((text) => ({ pseudonym: toPseudonym(text), patientIds: new Map() })),
);
const where = { host: '127.0.0.1', port: 0 };
const gated = await (await create(db, throughGate)).listen(where);
const open = await (await create(withoutLog(db), besideGate(permits))).listen(where);
sayOnceReady({ gated, open });
