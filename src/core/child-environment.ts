import { type ConfigFlags, environmentName } from './config.js';
import type { SettingName } from './settings.js';

/** This process's environment with these settings in place of its own: for a process it starts. */
export function childEnvironment(settings: ConfigFlags): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const [setting, value] of Object.entries(settings)) {
    const name = environmentName(setting as SettingName);
    if (value === undefined) delete env[name];
    else env[name] = String(value);
  }
  return env;
}
