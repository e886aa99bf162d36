import { ERROR_CODES, type ErrorCode } from '../core/error-codes.js';
import { DomainError, invariant } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import type { Logger } from '../core/log.js';
import type { Answer, AskNodes, Question, RequestOrigin, SubgraphName } from '../graph/ask.js';
import type { LedgerInstitution } from '../ledger/read/read.js';
import { type BreakerPolicy, Breakers } from './breakers.js';
import type { NodeAnswer } from './exchange.js';
import type { GatewayKey } from './gateway-key.js';
import { NodeFailure, UnparsableAnswer } from './node-failure.js';
import { createSignedExchange } from './signed-exchange.js';
import { ANY_WIRE, type Wire } from './wire.js';

/** What asking needs to know of an institution. */
export type AskedInstitution = Pick<LedgerInstitution, 'id' | 'endpoint' | 'roles' | 'status'>;

export interface AskNodesOptions {
  /** The institutions of the ledger's newest snapshot, read again for every question. */
  readonly institutions: () => readonly AskedInstitution[];
  readonly gatewayKey: GatewayKey;
  readonly logger: Logger;
  /** Milliseconds that a node has to answer, by subgraph; a question may override it. */
  readonly budgetMs?: Partial<Record<SubgraphName, number>>;
  /** Bytes of one node's answer that are read at most, however much a question allows. */
  readonly maxAnswerBytes?: number;
  readonly breaker?: Partial<BreakerPolicy>;
  /** Which endpoints may be reached; any unless given. */
  readonly wire?: Wire;
}

const BUDGET_MS = 3_000;
const RECORDS_BUDGET_MS = 5_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Asks nodes over HTTP, all at once, each within its own time: one POST a node to
 * `<endpoint>/<subgraph>`, with this gateway's signature over the body, and with the requester's
 * token where the answer needs it.
 */
export function createAskNodes(options: AskNodesOptions): AskNodes {
  const budgets = { records: RECORDS_BUDGET_MS, ...options.budgetMs };
  const breakers = new Breakers(options.breaker);
  const unparsable = new Breakers(
    options.breaker,
    (failure) => failure instanceof UnparsableAnswer,
  );
  const { maxAnswerBytes = MAX_ANSWER_BYTES, wire = ANY_WIRE } = options;
  const exchangeSigned = createSignedExchange(options.gatewayKey, wire);

  async function askOne<Data>(
    requester: RequestOrigin,
    question: Question<Data>,
    body: string,
    asked: AskedInstitution,
  ): Promise<Data> {
    if (asked.status !== 'ACTIVE') throw new NodeFailure('REFUSED', 'suspended');
    const url = nodeUrl(asked.endpoint, question.subgraph);
    const limits = {
      budgetMs: question.budgetMs ?? budgets[question.subgraph] ?? BUDGET_MS,
      maxBytes: Math.min(question.maxBytes, maxAnswerBytes),
      signal: requester.signal,
    };
    const { requestId, caller = '' } = requester;
    const token = question.needsToken ? requester.token : undefined;
    const request = { institution: asked.id, url, body, token, requestId };
    // Logged per kind of question: one whose rows do not parse must not hide the others.
    return unparsable.run({ caller, url: `${url} ${question.document}` }, async () => {
      const exchange = async () => requireData(await exchangeSigned(request, limits));
      return parseData(await breakers.run({ caller, url }, exchange), question, asked);
    });
  }

  return {
    async ask(requester, question) {
      const bodyFor = bodiesOf(question);
      const institutions = institutionsOf(question, options.institutions());
      if (question.holderOnly && requester.token === undefined) return institutions.map(unshown);
      return Promise.all(
        institutions.map((asked) =>
          timed(
            asked,
            () => askOne(requester, question, bodyFor(asked.id), asked),
            (failure) =>
              options.logger.warn(
                {
                  requestId: requester.requestId,
                  institution: asked.id,
                  subgraph: question.subgraph,
                  kind: failure.kind,
                  detail: failure.detail,
                },
                'a node did not answer as it should',
              ),
          ),
        ),
      );
    },
  };
}

/** Without a token there is no holder, so no node can have been shown anything. */
function unshown({ id: institution }: AskedInstitution): Answer<never> {
  return { institution, status: 'NOT_PRESENTED', latencyMs: null, data: undefined };
}

/** One body for all, unless each institution is sent its own. */
function bodiesOf({
  document: query,
  variables,
  variablesOf,
}: Question<unknown>): (institution: InstitutionId) => string {
  if (variablesOf !== undefined) {
    return (id) => JSON.stringify({ query, variables: { ...variables, ...variablesOf(id) } });
  }
  const body = JSON.stringify({ query, variables });
  return () => body;
}

/** In id order. @throws DomainError INSTITUTION_UNKNOWN for one that the ledger does not list. */
function institutionsOf(
  { of }: Pick<Question<unknown>, 'of'>,
  all: readonly AskedInstitution[],
): readonly AskedInstitution[] {
  if ('roles' in of) {
    const holds = ({ status, roles }: AskedInstitution) =>
      status === 'ACTIVE' && roles.some((role) => of.roles.includes(role));
    return byId(all.filter(holds));
  }
  const named = [...new Set(of.institutions)].map((id) => {
    const found = all.find((institution) => institution.id === id);
    if (found === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution: id });
    return found;
  });
  return byId(named);
}

function byId(institutions: readonly AskedInstitution[]): readonly AskedInstitution[] {
  return [...institutions].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function timed<Data>(
  { id: institution }: AskedInstitution,
  ask: () => Promise<Data>,
  onFailure: (failure: NodeFailure) => void,
): Promise<Answer<Data>> {
  const startMs = performance.now();
  try {
    const data = await ask();
    const latencyMs = Math.round(performance.now() - startMs);
    return { institution, status: 'OK', latencyMs, data };
  } catch (thrown) {
    invariant(thrown instanceof NodeFailure, `asking a node throws NodeFailure, not ${thrown}`);
    if (thrown.kind !== 'CANCELLED') onFailure(thrown);
    return { institution, status: thrown.status, latencyMs: null, data: undefined };
  }
}

/** @throws NodeFailure REFUSED for a decision of the node, UNDECIDED for none, MALFORMED for anything else but data. */
function requireData({ httpStatus, json }: NodeAnswer): object {
  const { data, errors } = (json ?? {}) as { readonly data?: unknown; readonly errors?: unknown };
  const isServed = httpStatus >= 200 && httpStatus < 500;
  if (errors !== undefined && isServed) throw failureOf(errors);
  if (httpStatus < 200 || httpStatus > 299) {
    throw new NodeFailure('MALFORMED', `HTTP ${httpStatus}`);
  }
  if (typeof data !== 'object' || data === null) throw new NodeFailure('MALFORMED', 'no data');
  return data;
}

/** @throws UnparsableAnswer */
function parseData<Data>(data: object, question: Question<Data>, { id }: AskedInstitution): Data {
  try {
    return question.parse(data, id);
  } catch (thrown) {
    throw new UnparsableAnswer(thrown);
  }
}

/**
 * Codes by which a node says that it cannot judge what was presented, although it works otherwise.
 */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set([
  'FEED_GAP',
  'FEED_FORKED',
  'LEDGER_UNAVAILABLE',
  'LEDGER_MISMATCH',
  'LEDGER_REGRESSED',
]);

/**
 * Codes that say to retry later and are still decisions, about the request as it was sent. Every
 * other retryable code means that the node has not judged: it was busy, stopping, or lacked
 * something that it needs.
 */
const DECIDED: ReadonlySet<ErrorCode> = new Set([
  'PROOF_FROM_FUTURE',
  'SIGNATURE_FROM_FUTURE',
  'SERIAL_FROM_FUTURE',
  'BACKUP_INCOMPLETE',
  'PUZZLE_MISSING',
  'PUZZLE_INVALID',
  'PUZZLE_TOO_EASY',
  'LINK_NOT_CONFIRMED',
]);

function hasJudged(code: ErrorCode): boolean {
  return DECIDED.has(code) || new DomainError(code).retry !== 'LATER';
}

/**
 * An error with one of our codes is a decision of that node; a fault or no code is not an answer.
 */
function failureOf(errors: unknown): NodeFailure {
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const extensions = (first as NodeError | undefined)?.extensions;
  const code = extensions?.assentCode ?? extensions?.code;
  if (!isErrorCode(code)) return new NodeFailure('MALFORMED', 'GraphQL errors');
  if (UNDECIDED.has(code)) return new NodeFailure('UNDECIDED', code);
  return new NodeFailure(hasJudged(code) ? 'REFUSED' : 'MALFORMED', code);
}

interface NodeError {
  /** Where GraphQL has a code of its own, that is in `code`. */
  readonly extensions?: { readonly assentCode?: unknown; readonly code?: unknown };
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** @throws NodeFailure UNREACHABLE if the ledger holds no URL for it. */
export function nodeUrl(endpoint: string, path: string): string {
  const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`;
  const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new NodeFailure('UNREACHABLE', 'no endpoint');
  }
  return url.href;
}
