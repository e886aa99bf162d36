import { type Config, type ConfigFlags, loadConfig } from '../../core/settings/config.js';

/** Options common to all commands. */
export interface CommonOptions {
  readonly config?: string;
  readonly stateFolder?: string;
}

/**
 * The settings of a command. Flags take precedence over the environment, and that over the file.
 */
export function settingsOf(options: CommonOptions, flags: ConfigFlags = {}): Config {
  const { config: file, stateFolder } = options;
  return loadConfig({ file, flags: { stateFolder, ...flags } });
}
