import { DomainError } from '../../core/errors.js';
import type { Config } from '../../core/settings/config.js';
import { type CommonOptions, settingsOf } from '../state/settings.js';

/** Lifetime of pilot tokens, by the pilot's network parameter; elsewhere 600 s. */
export const PILOT_TOKEN_SECONDS = 43_200;

/** The settings of a pilot: those of any node and gateway, with tokens that last half a day. */
export function pilotSettings(options: CommonOptions): Config {
  const config = settingsOf(options);
  requirePilot(config);
  return { ...config, tokenMaxSeconds: PILOT_TOKEN_SECONDS };
}

/**
 * Refuses production, because a pilot keeps everybody's keys in one folder. @throws
 * CONFIGURATION_INVALID.
 */
export function requirePilot({ environment }: Config): void {
  if (environment === 'production') {
    throw new DomainError('CONFIGURATION_INVALID', {
      environment: 'a pilot cannot run in production',
    });
  }
}
