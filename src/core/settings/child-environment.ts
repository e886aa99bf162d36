import { type ConfigFlags, environmentName } from './config.js';
import { givenNodeEnv } from './library-environment.js';
import type { SettingName } from './settings.js';

/** This process's environment with these settings in place of its own: for a process it starts. */
export function childEnvironment(settings: ConfigFlags): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  // For this process's libraries it says production, which a child would take for a setting.
  const nodeEnv = givenNodeEnv();
  if (nodeEnv === undefined) delete env.NODE_ENV;
  else env.NODE_ENV = nodeEnv;
  for (const [setting, value] of Object.entries(settings)) {
    const name = environmentName(setting as SettingName);
    if (value === undefined) delete env[name];
    else env[name] = String(value);
  }
  return env;
}
