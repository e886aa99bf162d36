/**
 * Verifies a slice of the corpus, all inputs at once, and then just stops, to see whether the
 * process ends by itself. Arguments: first input, how many.
 */
import { loadStatements } from '../../../src/zk/verify/verify.js';
import { caseOf } from './corpus.js';
import { decideOurs } from './decisions.js';

const [from = 0, count = 0] = process.argv.slice(2).map(Number);
await loadStatements({ production: false, allowDevelopmentKeys: false });
const inputs = Array.from({ length: count }, (_, i) => caseOf(from + i));
const decisions = await Promise.all(inputs.map(decideOurs));
const workers = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
process.stdout.write(`${JSON.stringify({ decisions, workers })}\n`);
