import { runUnlessStopped } from '../../process/run-until-stopped.js';
import { type CommonOptions, settingsOf } from '../../state/settings.js';
import { requirePilot } from '../settings.js';

/**
 * `assent tour`: demonstrates each promise and says what it proves; exits with 1 if one does not
 * hold.
 */
export async function runTour(
  options: CommonOptions & { readonly url?: string; readonly json?: boolean },
): Promise<void> {
  const config = settingsOf(options);
  requirePilot(config);
  const { playTour } = await import('./play.js');
  // A tour that is stopped half-way has proved nothing.
  process.exitCode = 1;
  await runUnlessStopped(async (ends, stop) => {
    const steps = await playTour(config, { url: options.url, ends, stop });
    const ok = steps.every((outcome) => outcome.ok);
    if (options.json) process.stdout.write(`${JSON.stringify({ ok, steps })}\n`);
    process.exitCode = ok ? 0 : 1;
  });
}
