const PRODUCTION = 'production';

let changed = false;
let given: string | undefined;

/**
 * Has libraries run as they do in production: `NODE_ENV` is theirs. graphql-js alone checks every value
 * twice without it, and reads it once, when it is loaded: so this is called before anything else is.
 *
 * Where the process was started with `NODE_ENV=production`, this product is in production too: its own
 * setting, `environment`, is then taken as said, unless ASSENT_ENVIRONMENT says something else.
 */
export function runLibrariesInProduction(): void {
  const { env } = process;
  changed = true;
  given = env.NODE_ENV;
  if (given === PRODUCTION && !env.ASSENT_ENVIRONMENT) env.ASSENT_ENVIRONMENT = PRODUCTION;
  env.NODE_ENV = PRODUCTION;
}

/** `NODE_ENV` as it was given to this process: what the processes that it starts are given. */
export function givenNodeEnv(): string | undefined {
  return changed ? given : process.env.NODE_ENV;
}
