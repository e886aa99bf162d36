/** npx tsx test/support/circuits/write-small-pack.ts: to be run when a circuit changes, before its tests are. */
import { PACK, writePack } from './small-pack.js';

await writePack(PACK);
