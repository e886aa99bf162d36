import { DomainError } from '../../core/errors.js';
import { loadGatewayKey } from '../state/gateway-key.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';
import { openStateFolder } from '../state/state-folder.js';
import { requirePilot } from './settings.js';

/**
 * `assent token PERSONA`: prints an Authorization header for curl or Sandbox. Only in the pilot.
 */
export async function runToken(
  options: CommonOptions & { readonly persona: string },
): Promise<void> {
  const config = settingsOf(options);
  requirePilot(config);
  const { isPersona, mintToken, PERSONAS } = await import('./personas.js');
  const { persona } = options;
  if (!isPersona(persona)) {
    throw new DomainError('BAD_INPUT', { persona: 'unknown', known: PERSONAS.join(' ') });
  }
  const folder = await openStateFolder(config.stateFolder);
  if ((await folder.readJson('pilot/personas.json')) === undefined) {
    throw new DomainError('BAD_INPUT', { expected: 'a pilot that was started once: npm start' });
  }
  const { thumbprint } = await loadGatewayKey(folder);
  const token = await mintToken(folder, persona, thumbprint);
  process.stdout.write(`Authorization: Bearer ${token}\n`);
}
