/** The rooms from left to right: a room imports only from columns to its left, or from itself. */
export const COLUMNS: readonly (readonly string[])[] = [
  ['core'],
  ['store', 'graph', 'zk', 'ledger'],
  ['network', 'consent'],
  ['records', 'trials', 'supply', 'claims'],
  ['federation', 'client'],
  ['cli'],
];

/** Rooms that see less than their column would allow: client must also run in a browser. */
export const SEES_ONLY: Readonly<Record<string, readonly string[]>> = { client: ['core', 'zk'] };

/**
 * The inner rooms of a big room, from the lowest floor up: a file imports only from floors below its
 * own, or from its own folder. '.' is what stands in the room itself.
 */
export const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  core: [['.'], ['evidence', 'fair', 'import', 'signed'], ['operator'], ['settings']],
  zk: [['arithmetic'], ['poseidon'], ['.'], ['verify', 'ceremony']],
  ledger: [['anvil', 'contract'], ['rpc'], ['read'], ['quorum', 'write'], ['watch', 'governance']],
  consent: [
    ['base'],
    ['tables'],
    ['shard'],
    ['erasure'],
    ['feed'],
    ['evidence', 'registration'],
    ['anchoring', 'disclosures', 'gate', 'operators'],
    ['answers', 'routes'],
    ['graphql'],
  ],
  records: [
    ['codes', 'identity', 'model', 'tables'],
    ['sensitive'],
    ['deidentify'],
    ['fhir'],
    ['kinds', 'seed'],
    ['labels'],
    ['answers', 'import'],
  ],
  client: [
    ['gateway', 'keys'],
    ['consent', 'evidence'],
    ['fhir-consent', 'requester'],
    ['withdrawals'],
    ['.'],
  ],
  cli: [
    ['process'],
    ['folder-lock', 'proving'],
    ['state'],
    ['import', 'operator'],
    ['serve'],
    ['commands', 'pilot'],
    ['.'],
  ],
};

const DOMAINS = ['network', 'consent', 'records', 'trials', 'supply', 'claims'];

/** Which rooms may use a piece of the outside world; `types` may name its types alone. */
export interface Owner {
  readonly rooms: readonly string[];
  readonly types?: readonly string[];
}

/**
 * The owners of every outside package and of the guarded built-in modules. The longest entry that
 * the import begins with counts. A package that is not here is refused: using one is a decision.
 */
export const OWNERS: Readonly<Record<string, Owner>> = {
  zod: { rooms: ['*'] },
  // Read by everyone who prints or parses a schema; only graph builds one.
  graphql: { rooms: ['graph', ...DOMAINS, 'federation', 'cli'] },
  'graphql-scalars': { rooms: ['graph'] },
  dataloader: { rooms: ['graph', ...DOMAINS] },
  '@pothos/': { rooms: ['graph'] },
  '@apollo/subgraph': { rooms: ['graph'] },

  pino: { rooms: ['core'] },
  canonicalize: { rooms: ['core'] },
  '@scure/bip39/wordlists': { rooms: ['core'] },

  'drizzle-orm': { rooms: ['store', 'consent', 'records', 'trials', 'supply', 'claims'] },
  'drizzle-orm/pglite': { rooms: ['store'] },
  'drizzle-orm/node-postgres': { rooms: ['store'] },
  '@electric-sql/pglite': { rooms: ['store'] },
  pg: { rooms: ['store'] },

  snarkjs: { rooms: ['zk'] },
  ffjavascript: { rooms: ['zk'] },
  '@noble/curves/misc.js': { rooms: ['zk'] },
  '@noble/curves': { rooms: ['zk', 'client'] },
  '@noble/hashes': { rooms: ['core', 'zk', 'client'] },

  viem: { rooms: ['ledger'] },
  ws: { rooms: ['ledger'] },
  '@foundry-rs/': { rooms: ['ledger'] },

  cockatiel: { rooms: ['network'] },
  undici: { rooms: ['network'] },
  // Signed by the caller, verified by the one who answers.
  jose: { rooms: ['core', 'network', 'consent', 'federation', 'client', 'cli'] },

  '@medplum/': { rooms: ['records'] },
  '@medplum/fhirtypes': { rooms: ['records'], types: ['consent'] },

  '@apollo/server': { rooms: ['federation'] },
  '@as-integrations/fastify': { rooms: ['federation'] },
  '@fastify/': { rooms: ['federation'] },
  '@graphql-hive/router-query-planner': { rooms: ['federation'] },
  'lru-cache': { rooms: ['federation'] },
  '@graphql-yoga/render-graphiql': { rooms: ['federation'] },
  '@theguild/federation-composition': { rooms: ['federation'] },
  negotiator: { rooms: ['federation'] },
  fastify: { rooms: ['federation', 'cli'], types: ['network', 'consent'] },

  commander: { rooms: ['cli'] },
  'cli-progress': { rooms: ['cli'] },
  'cli-table3': { rooms: ['cli'] },
  picocolors: { rooms: ['cli'] },
  'proper-lockfile': { rooms: ['cli'] },

  'node:process': { rooms: ['core', 'cli'] },
  'node:child_process': { rooms: ['ledger', 'cli'] },
  'node:net': { rooms: ['ledger', 'network', 'federation', 'cli'] },
  // The embedded chain's port is served in the ledger's own room.
  'node:http': { rooms: ['ledger', 'network', 'federation', 'cli'] },
  'node:https': { rooms: ['network', 'federation', 'cli'] },
  'node:': { rooms: ['*'] },
};

/** What a browser can load, of all the above: whatever src/client reaches is one of these. */
export const BROWSER_PACKAGES: readonly string[] = [
  'zod',
  'canonicalize',
  'jose',
  'snarkjs',
  'ffjavascript',
  '@noble/curves',
  '@noble/hashes',
  '@scure/bip39/wordlists',
];
