import { codeOf } from '../../core/errors.js';
import { loadProvingArtifacts } from '../../zk/artifacts.js';
import { proveAccreditation, proveConsent } from '../../zk/prove.js';
import { endOnFaults } from '../process/exit.js';
import type { ProvingResult, ProvingTask } from './prove-apart.js';

// Only the pilot proves in a separate process, and a pilot is never production.
const POLICY = { production: false, allowDevelopmentKeys: true };

endOnFaults();
process.on('message', (task: ProvingTask) => {
  prove(task).then(
    (result) => process.send?.(result),
    (thrown: unknown) => process.send?.(failureOf(thrown)),
  );
});
// The process that asked is gone, so nobody waits for the proof.
process.on('disconnect', () => process.exit(0));

async function prove(task: ProvingTask): Promise<ProvingResult> {
  const artifacts = await loadProvingArtifacts(task.statement, POLICY);
  const proven =
    task.statement === 'consent'
      ? await proveConsent(task.witness, artifacts)
      : await proveAccreditation(task.witness, artifacts);
  return { proven };
}

function failureOf(thrown: unknown): ProvingResult {
  return { code: codeOf(thrown) };
}
