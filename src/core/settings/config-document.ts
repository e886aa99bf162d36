import { DEFAULT_CONFIG_FILE, environmentName } from './config.js';
import { defaultOf, noteOf } from './setting.js';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.js';

/** docs/configuration.md, written from the settings themselves so that the two cannot differ. */
export function configurationDocument(): string {
  return `# Configuration

Written by \`npm run docs\` from \`src/core/settings/settings.ts\`; a test fails if the two differ.

A setting is read from a flag of the command, else from its environment variable, else from a JSON
file (\`--config FILE\`, or \`${DEFAULT_CONFIG_FILE}\` in the working folder), else it has its default.
An unknown name or a value of another form stops the start and is named; nothing is guessed.

| setting | environment | form | default | what it does |
| --- | --- | --- | --- | --- |
${SETTING_NAMES.map(rowOf).join('\n')}
`;
}

function rowOf(name: SettingName): string {
  const { description, form, unit } = noteOf(SETTINGS[name]);
  const usual = defaultOf(SETTINGS[name]);
  const shown = usual === undefined ? 'none' : `\`${usual}\`${unit === '' ? '' : ` ${unit}`}`;
  return `| \`${name}\` | \`${environmentName(name)}\` | ${form} | ${shown} | ${description} |`;
}
