import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DomainError, type ErrorFacts } from '../errors.js';
import { kindOf } from './setting.js';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.js';

const ConfigSchema = z.strictObject(SETTINGS).superRefine((config, context) => {
  const refuse = (setting: SettingName, message: string) =>
    context.addIssue({ code: 'custom', path: [setting], message });
  requireLedger(config, refuse);
  if (config.connectionIdleSeconds * 1000 <= config.presentBudgetMilliseconds) {
    refuse('connectionIdleSeconds', 'longer than presentBudgetMilliseconds');
  }
  if (config.environment === 'production' && config.tokenMaxSeconds > 600) {
    refuse('tokenMaxSeconds', 'at most 600 in production');
  }
});

type Settings = z.output<z.ZodObject<typeof SETTINGS>>;

const PINS = ['ledgerGenesisHash', 'ledgerCodeHash', 'ledgerLinkedCodeHash'] as const;

/** A ledger that others run is named whole; in production nothing of it is believed at the first contact. */
function requireLedger(
  config: Settings,
  refuse: (setting: SettingName, message: string) => void,
): void {
  const { ledgerRpcUrls, ledgerQuorum: quorum, environment } = config;
  const endpoints = ledgerRpcUrls?.split(',').length ?? 0;
  if (quorum !== undefined && quorum > endpoints) {
    refuse('ledgerQuorum', 'at most as many as ledgerRpcUrls');
  }
  if (ledgerRpcUrls === undefined) return;
  if (config.ledgerContract === undefined) refuse('ledgerContract', 'needed with ledgerRpcUrls');
  if (config.ledgerChainId === undefined) refuse('ledgerChainId', 'needed with ledgerRpcUrls');
  if (environment !== 'production') return;
  for (const pin of PINS) if (config[pin] === undefined) refuse(pin, 'needed in production');
  if (endpoints === 1 && quorum === undefined) {
    refuse('ledgerQuorum', 'needed in production with a single endpoint');
  }
}

/** All settings; one without a default may be undefined. */
export type Config = Readonly<z.output<typeof ConfigSchema>>;

/** Settings as a command line gives them. */
export type ConfigFlags = { readonly [Name in SettingName]?: Config[Name] | undefined };

type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings are looked for if no file is named; it need not exist. */
export const DEFAULT_CONFIG_FILE = 'assent.json';

/** ASSENT_ variables that are no settings: suites read them, over real files or a ledger of one's own. */
const OTHER_VARIABLES = ['ASSENT_CORPORA', 'ASSENT_TEST_LEDGER_URL', 'ASSENT_TEST_LEDGER_KEY'];

/** The environment variable that gives a setting. */
export function environmentName(setting: SettingName): string {
  if (setting === 'databaseUrl') return 'DATABASE_URL';
  return `ASSENT_${setting.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

/**
 * Reads the settings: flags win over the environment, the environment over the file, the file over
 * the defaults. Unknown names are refused, because a mistyped one would silently have no effect.
 *
 * @param options.file - a JSON object of settings; must exist if it is named.
 * @throws CONFIGURATION_INVALID, its facts naming each wrong setting and what it must look like;
 * never its value, because some are secret.
 */
export function loadConfig(
  options: {
    readonly file?: string | undefined;
    readonly env?: Environment;
    readonly flags?: ConfigFlags;
  } = {},
): Config {
  const flags = Object.entries(options.flags ?? {}).filter(([, value]) => value !== undefined);
  const parsed = ConfigSchema.safeParse({
    ...readConfigFile(options.file),
    ...readEnvironment(options.env ?? process.env),
    ...Object.fromEntries(flags),
  });
  if (!parsed.success) throw new DomainError('CONFIGURATION_INVALID', factsOf(parsed.error));
  return Object.freeze(parsed.data);
}

function readConfigFile(file: string | undefined): object {
  try {
    const json: unknown = JSON.parse(readFileSync(file ?? DEFAULT_CONFIG_FILE, 'utf8'));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw invalidFile('not JSON');
    if (file === undefined && (cause as { code?: unknown }).code === 'ENOENT') return {};
    throw invalidFile('cannot be read');
  }
  throw invalidFile('not a JSON object');
}

function invalidFile(reason: string): DomainError {
  return new DomainError('CONFIGURATION_INVALID', { file: reason });
}

function readEnvironment(env: Environment): object {
  const settings = new Map(SETTING_NAMES.map((name) => [environmentName(name), name]));
  const read: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(env)) {
    // An empty variable is how a shell or a compose file says "not set".
    if (value === undefined || value === '') continue;
    const setting = settings.get(variable);
    if (setting !== undefined) read[setting] = fromText(setting, value);
    // Kept under its own name, so that the schema refuses it by that name.
    else if (isUnknown(variable)) read[variable] = value;
  }
  return read;
}

function isUnknown(variable: string): boolean {
  return variable.startsWith('ASSENT_') && !OTHER_VARIABLES.includes(variable);
}

function fromText(setting: SettingName, value: string): unknown {
  const kind = kindOf(SETTINGS[setting]);
  if (kind === 'number') return /^[0-9]{1,16}$/.test(value) ? Number(value) : value;
  if (kind === 'text') return value;
  if (value === '1' || value === 'true') return true;
  return value === '0' || value === 'false' ? false : value;
}

function factsOf(error: z.ZodError): ErrorFacts {
  const facts: Record<string, string> = {};
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') for (const name of issue.keys) facts[name] = 'unknown';
    else facts[String(issue.path[0])] = issue.message;
  }
  return facts;
}
