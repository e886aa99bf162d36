import { codeOf } from '../../core/errors.js';
import { loadProvingArtifacts } from '../../zk/artifacts.js';
import { proveAccreditation, proveConsent } from '../../zk/prove.js';
import { endOnFaults } from '../process/exit.js';
import type { ProvingResult, ProvingTask } from './prove-apart.js';

// Only the pilot proves in a process apart, and the pilot is never a production.
const POLICY = { production: false, allowDevelopmentKeys: true };

endOnFaults();
process.on('message', (task: ProvingTask) => {
  prove(task).then(
    (result) => process.send?.(result),
    (thrown: unknown) => process.send?.(failureOf(thrown)),
  );
});
// Whoever asked is gone: nobody waits for what is being proven.
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
