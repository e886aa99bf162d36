import { OPERATOR_KEYS, OPERATOR_KEYS_FORM } from '../operator/key.js';
import { flag, oneOf, port, text, whole } from './setting.js';
import { IMPORT_SETTINGS } from './settings-import.js';
import { SERVER_SETTINGS } from './settings-server.js';

const SLUG = /^[a-z][a-z0-9-]{2,39}$/;
const SLUG_FORM = 'lower-case letters, digits and hyphens, 3 to 40';
const HOST = /^[A-Za-z0-9.:-]{1,253}$/;
const HOST_FORM = 'host name or IP address';
const URL_OF_SERVER = /^https?:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9._~-]+)*$/;
const URL_OF_SERVER_FORM = 'http or https URL without a slash at its end';
const HASH = /^0x[0-9a-fA-F]{64}$/;
const HASH_FORM = '0x and 64 hexadecimal digits';

/**
 * Every setting there is: the one list that the software reads, refuses by and is documented from
 * (docs/configuration.md). core/settings/config.ts says how the environment names each.
 */
export const SETTINGS = {
  environment: oneOf(
    ['development', 'test', 'production'],
    'production refuses development keys, personas and long-lived tokens. NODE_ENV=production says it too.',
  ).default('development'),
  institution: text(
    SLUG,
    SLUG_FORM,
    'The institution that a node run alone speaks for, by its id on the ledger.',
  ).optional(),
  network: text(
    SLUG,
    SLUG_FORM,
    'The name of the network. It is part of every study, so that no two networks share one.',
  ).default('pilot'),
  stateFolder: text(
    /^[^\0]+$/,
    'path',
    'Keys, the embedded database and the embedded ledger, readable by this user only.',
  ).default('.assent'),
  logLevel: oneOf(
    ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    'The least severe line that is logged.',
  ).default('info'),

  gatewayHost: text(
    HOST,
    HOST_FORM,
    "Where the gateway listens. A pilot's pages carry a token only for visitors on this machine, " +
      'wherever that is; a reverse proxy on this machine must pass on the Host that it was asked under.',
  ).default('127.0.0.1'),
  gatewayPort: port('The port of the gateway.').default(4000),
  gatewayUrl: text(
    URL_OF_SERVER,
    URL_OF_SERVER_FORM,
    'Where clients reach the gateway, before any proxy: what their proofs of possession (DPoP) must ' +
      'name. Without it they must name the Host of the request. A gateway in production needs it.',
  ).optional(),
  subgraphsHost: text(
    HOST,
    HOST_FORM,
    'Where `assent subgraphs` listens for a router. What a router sends has whole tokens in it, so anywhere ' +
      'but on this machine put TLS before it, and let routers alone reach it.',
  ).default('127.0.0.1'),
  subgraphsPort: port('The port of `assent subgraphs`.').default(4001),
  subgraphsUrl: text(
    URL_OF_SERVER,
    URL_OF_SERVER_FORM,
    'Where routers reach `assent subgraphs`: what `assent supergraph` writes into the supergraph. Without it: ' +
      'subgraphsHost and subgraphsPort.',
  ).optional(),
  nodeHost: text(HOST, HOST_FORM, 'Where a node listens.').default('127.0.0.1'),
  nodePort: port(
    "The port of a node; in the pilot that of the first node, the others' follow.",
  ).default(4011),

  operatorKeys: text(
    OPERATOR_KEYS,
    OPERATOR_KEYS_FORM,
    'Public keys of staff and systems that act at this node, each with its roles, as `assent operator key` prints ' +
      'them. Without it a node takes no operator token, and does not listen for any. A node run alone has ' +
      'operators; those of the pilot have none.',
  ).optional(),
  operatorHost: text(
    HOST,
    HOST_FORM,
    'Where a node listens for operators. Their tokens are whole in what they send, so anywhere but on this machine ' +
      'put TLS before it, and let your own systems alone reach it.',
  ).default('127.0.0.1'),
  operatorPort: port('The port of a node for operators.').default(4021),
  ...IMPORT_SETTINGS,

  privateEndpoints: text(
    /^[a-zA-Z0-9.:-]{1,253}(,[a-zA-Z0-9.:-]{1,253}){0,99}$/,
    'host names and IP addresses, comma separated',
    'Where institutions may have their nodes although it is no address of the public network. In production an ' +
      'endpoint on the ledger is reached by https, and at public addresses and these alone.',
  ).optional(),

  databaseUrl: text(
    /^postgres(ql)?:\/\/\S+$/,
    'postgresql:// URL',
    'PostgreSQL in place of the embedded engine; each institution has a schema of its own there.',
  ).optional(),
  databasePoolSize: whole(
    1,
    500,
    'connections',
    'Connections of one process to PostgreSQL at most.',
  ).default(10),
  databaseConnectMilliseconds: whole(
    100,
    60_000,
    'ms',
    'How long it may take to connect to PostgreSQL, or to get a connection that others use.',
  ).default(5_000),
  databaseStatementMilliseconds: whole(
    100,
    3_600_000,
    'ms',
    'How long a statement may take. A server that hangs is given up a second later.',
  ).default(20_000),
  databaseLockMilliseconds: whole(
    100,
    3_600_000,
    'ms',
    'How long a statement waits for what another transaction has locked.',
  ).default(10_000),
  databaseIdleMilliseconds: whole(
    1_000,
    3_600_000,
    'ms',
    'How long a transaction may wait between two statements. After that the server ends it, so that a ' +
      'process that hangs gives its locks back.',
  ).default(20_000),
  databaseRetryMilliseconds: whole(
    0,
    60_000,
    'ms',
    'How long into an outage of PostgreSQL what is safe to repeat is tried again: reads, and writes ' +
      'that had not begun. Later questions are told at once.',
  ).default(5_000),

  ledgerPort: port('The port of the embedded ledger.').default(4010),
  ledgerRpcUrls: text(
    /^(https?|wss?):\/\/[^\s,]+(,(https?|wss?):\/\/[^\s,]+){0,8}$/,
    'http or ws URLs, comma separated',
    'JSON-RPC endpoints of the ledger, run by different people: one that lies is outvoted by the others. ' +
      'Without it this process runs an embedded ledger.',
  ).optional(),
  ledgerQuorum: whole(
    1,
    9,
    '',
    'How many of ledgerRpcUrls must show the same block and the same register before it is believed; ' +
      'more than half of them unless set. In production with a single endpoint it must be set to 1: ' +
      'who runs that endpoint decides what this node believes.',
  ).optional(),
  ledgerSubscribe: flag(
    "Hear of new blocks over a WebSocket at the ledger's address too, where one is served.",
  ).default(true),
  ledgerContract: text(
    /^0x[0-9a-fA-F]{40}$/,
    '0x and 40 hexadecimal digits',
    'The address of the consent register. Needed with ledgerRpcUrls.',
  ).optional(),
  ledgerChainId: whole(
    1,
    Number.MAX_SAFE_INTEGER,
    '',
    'The chain id that the ledger must have. Needed with ledgerRpcUrls.',
  ).optional(),
  ledgerGenesisHash: text(
    HASH,
    HASH_FORM,
    'The hash that block 0 must have. Without it, that of the first contact is pinned; needed in production.',
  ).optional(),
  ledgerCodeHash: text(
    HASH,
    HASH_FORM,
    "Keccak-256 of the register's code. Without it, that of the first contact is pinned; needed in production.",
  ).optional(),
  ledgerLinkedCodeHash: text(
    HASH,
    HASH_FORM,
    'Keccak-256 over the hashes of all code that the register is linked to: its Poseidon libraries. ' +
      'Without it, that of the first contact is pinned; needed in production.',
  ).optional(),
  ledgerPollMilliseconds: whole(
    50,
    60_000,
    'ms',
    'How often a node asks the ledger for a new block; a third as often while it is told of them.',
  ).default(500),
  ledgerMaxAgeSeconds: whole(
    1,
    3_600,
    's',
    'A node decides nothing on a view of the ledger older than this.',
  ).default(30),
  ledgerHeadMaxAgeSeconds: whole(
    1,
    604_800,
    's',
    'A node decides nothing while the newest block is older than this: a chain that stands still ' +
      'answers all the same. Without it, four cadences, and a minute at least.',
  ).optional(),
  anchorMaxFeeGwei: whole(
    1,
    1_000_000,
    'gwei',
    'The most that an anchor offers for a unit of gas, when blocks are expensive or it is stuck.',
  ).default(500),
  finalitySeconds: whole(
    0,
    86_400,
    's',
    'An anchor older than this is final: a ledger without it has regressed.',
  ).default(60),
  acknowledgementQuorum: whole(
    0,
    16,
    'institutions',
    'How many others must acknowledge an anchor in a network that begins here; later its votes decide.',
  ).default(2),

  cadenceSeconds: whole(
    1,
    86_400,
    's',
    'Every institution anchors once in this interval, changed or not.',
  ).default(30),
  receiptMarginSeconds: whole(
    0,
    3_600,
    's',
    "How much longer than the cadence a node's receipts give it to anchor what they say it took.",
  ).default(120),
  feedPollSeconds: whole(1, 120, 's', "How often a node fetches the others' withdrawals.").default(
    1,
  ),
  tokenMaxSeconds: whole(
    30,
    43_200,
    's',
    "The longest life of a requester's token; more than 600 only outside production.",
  ).default(600),

  withdrawalPuzzleBits: whole(
    0,
    32,
    'bits',
    'The work that a withdrawal costs strangers for each secret, 2^bits hashes; 0: none. Nobody ' +
      'whose consent is known here, or who shows it, does any.',
  ).default(18),
  withdrawalHeldDays: whole(
    1,
    3_650,
    'days',
    "How long a stranger's withdrawal is kept before an institution that knows the consent takes it.",
  ).default(30),

  majorityYears: whole(
    14,
    25,
    'years',
    'The age from which a patient signs consents; before it a proxy does, and not beyond it.',
  ).default(18),

  askBudgetMilliseconds: whole(
    50,
    60_000,
    'ms',
    'What a node has to answer its part of a query before it is left out.',
  ).default(3_000),
  recordsBudgetMilliseconds: whole(
    50,
    60_000,
    'ms',
    'The same for participant-level rows.',
  ).default(5_000),
  presentBudgetMilliseconds: whole(
    1_000,
    600_000,
    'ms',
    'The same for checking the proofs of a presentation.',
  ).default(120_000),

  drainMilliseconds: whole(
    0,
    60_000,
    'ms',
    'How long a node or a gateway that is told to stop still answers, while /readyz says STOPPING.',
  ).default(1_000),

  ...SERVER_SETTINGS,

  allowDevelopmentKeys: flag(
    'Accept the development proving keys although environment is production.',
  ).default(false),
} as const;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
