/**
 * One institution's node in a process of its own, twice: through its gate, and beside it. Run with a
 * NodeSetting as JSON; prints where both listen, as one line of JSON.
 */
import { type InstitutionId, toPseudonym } from '../../src/core/ids.js';
import { openPostgres } from '../../src/store/postgres.js';
import { loadStatements } from '../../src/zk/verify/verify.js';
import { type GatedNodeOptions, startGatedNode } from '../../test/support/gated-node.js';
import { gatedNode, openNode } from '../records/hospital.js';
import { permitsOf } from '../records/presentations.js';
import { sayOnceReady } from './program.js';

/** Which node, over which database. */
export interface NodeSetting {
  readonly institution: InstitutionId;
  readonly databaseUrl: string;
  readonly isHospital: boolean;
  /** Whose rows are open beside the gate. */
  readonly pseudonyms: readonly string[];
}

const setting = JSON.parse(process.argv[2] ?? '') as NodeSetting;
const { institution, isHospital, databaseUrl } = setting;

// A presentation counts only while its statement's key is in force here.
await loadStatements({ production: false, allowDevelopmentKeys: true });
const db = await (await openPostgres({ url: databaseUrl, poolSize: 8 })).open(institution);
const permits = permitsOf(
  setting.pseudonyms.map((text) => ({ pseudonym: toPseudonym(text), patientIds: new Map() })),
);
const start = async (options: GatedNodeOptions) =>
  (await startGatedNode(isHospital ? options : { ...options, subgraphs: ['trials'] })).endpoint;
const gated = await start(gatedNode(institution, db));
const open = await start(openNode(institution, db, permits));
sayOnceReady({ gated, open });
