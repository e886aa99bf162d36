import { oneOf, text, whole } from './setting.js';

/** What a gateway and a node take of their clients: part of the one list of settings. */
export const SERVER_SETTINGS = {
  headersTimeoutSeconds: whole(
    1,
    600,
    's',
    'Time for the headers of a request to arrive, from the opening of its connection.',
  ).default(10),
  requestTimeoutSeconds: whole(
    1,
    3_600,
    's',
    'Time for a whole request to arrive, its body included.',
  ).default(30),
  answerTimeoutSeconds: whole(1, 3_600, 's', 'Time for a client to read its whole answer.').default(
    60,
  ),
  keepAliveSeconds: whole(
    1,
    3_600,
    's',
    'How long a connection is kept after an answer for the next request.',
  ).default(72),
  connectionIdleSeconds: whole(
    1,
    3_600,
    's',
    'How long a connection stays open while its request is worked on and no byte moves. It must be longer ' +
      'than presentBudgetMilliseconds, because a client may wait that long.',
  ).default(180),
  maxConnections: whole(
    1,
    100_000,
    'connections',
    'Connections of a server at most, be it the gateway or a node. More are closed at once.',
  ).default(1_000),
  maxConnectionsByAddress: whole(
    1,
    100_000,
    'connections',
    'The same of one address: IPv4, or the /64 of IPv6. A trusted proxy has no limit of its own.',
  ).default(500),
  maxBodyMegabytes: whole(
    4,
    1_000_000,
    'megabytes',
    'What the bodies of all requests that a server has not answered yet may come to; a chunked one counts as 4. ' +
      'More are refused with OVERLOADED.',
  ).default(256),
  maxBodyMegabytesByAddress: whole(
    4,
    1_000_000,
    'megabytes',
    'The same of one address: IPv4, or the /64 of IPv6. More are refused with RATE_LIMITED.',
  ).default(64),
  requestsPerMinuteByAddress: whole(
    1,
    10_000_000,
    'requests',
    'What one address may ask the gateway in a minute: IPv4, or the /64 of IPv6.',
  ).default(6_000),
  requestsPerMinuteByHolder: whole(
    1,
    10_000_000,
    'requests',
    'What the key that signed a token may ask the gateway in a minute, wherever it asks from.',
  ).default(6_000),
  nodeRequestsPerMinuteByAddress: whole(
    1,
    10_000_000,
    'requests',
    'What one address may ask a node or a subgraph in a minute: a gateway or router asks for all of its clients.',
  ).default(60_000),
  nodeRequestsPerMinuteByHolder: whole(
    1,
    10_000_000,
    'requests',
    'What the key that signed a token may ask a node or a subgraph in a minute, through all gateways together.',
  ).default(30_000),
  trustedProxies: text(
    /^[0-9a-fA-F.:/]{1,50}(,[0-9a-fA-F.:/]{1,50}){0,31}$/,
    'IP addresses and networks, comma separated',
    'Reverse proxies that are believed when they say whom they speak for (X-Forwarded-For). Without it ' +
      'every client behind a proxy is one address. `assent subgraphs` has a router before it: name it, if a proxy ' +
      'before the router sets that header and the router passes it on. Its log warns where nothing is named.',
  ).optional(),
  corsOrigins: text(
    /^(\*|none|https?:\/\/[^\s,/?#@]{1,260}(,https?:\/\/[^\s,/?#@]{1,260}){0,63})$/,
    '*, none, or origins (https://portal.example), comma separated',
    'Origins whose pages may ask this server from a browser and read its answers. Pages send tokens and ' +
      'no cookies, so any origin is safe; the pages of the server itself are read by no other.',
  ).default('*'),
  trustedDocuments: oneOf(
    ['off', 'also', 'only'],
    'Documents that a gateway knows by their SHA-256: those of schema/operations, of the client kit and of ' +
      'trustedDocumentsFolder. also: they are answered by hash too; only: nothing else is answered, as a gateway ' +
      'in production should have it, whose portals are known; off: no hash is.',
  ).default('also'),
  trustedDocumentsFolder: text(
    /^.{1,4096}$/s,
    'path of a folder',
    'Further trusted documents: .graphql files, and .json manifests as the build of a portal writes them ' +
      "(Apollo's, or text by SHA-256). Read once, at the start.",
  ).optional(),
  eventLoopDelayMilliseconds: whole(
    0,
    60_000,
    'ms',
    'Requests are refused with OVERLOADED while the event loop is later than this on average, taken over ' +
      'ten times as long. 0: no limit.',
  ).default(1_000),
  maxHeapPercent: whole(
    0,
    100,
    'percent',
    "Requests are refused with OVERLOADED while more than this much of V8's heap limit is used. 0: no limit.",
  ).default(92),
  maxResidentMegabytes: whole(
    0,
    1_000_000,
    'megabytes',
    'Requests are refused with OVERLOADED while the process has more memory than this. 0: no limit. Without it: ' +
      '90 percent of what its control group may have, or of the machine.',
  ).optional(),
} as const;
