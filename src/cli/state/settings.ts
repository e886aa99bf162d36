import { type Config, type ConfigFlags, loadConfig } from '../../core/settings/config.js';

/** What every command takes before its own options. */
export interface CommonOptions {
  readonly config?: string;
  readonly stateFolder?: string;
}

/** The settings of a command: its flags over the environment over the file. */
export function settingsOf(options: CommonOptions, flags: ConfigFlags = {}): Config {
  const { config: file, stateFolder } = options;
  return loadConfig({ file, flags: { stateFolder, ...flags } });
}
