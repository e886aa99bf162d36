import type { InstitutionId } from '../core/ids.js';
import { answerBytes, EVIDENCE_BYTES } from '../graph/answer-size.js';
import type { Answer, AskNodes, Question, RequestOrigin, SourceState } from '../graph/ask.js';
import { followItem, type Round } from './containment.js';
import type { Trace } from './model.js';
import { SUPPLY_ROLES } from './roles.js';
import { ALL_TIME, MAX_TRACE_EVENTS, type TraceItem, type TraceOptions } from './source.js';
import { TRACE, TraceAnswer, toContainment, toTracedEvent } from './wire.js';

/**
 * Traces an item through all nodes. The first round asks every node; later rounds ask the nodes
 * that opened about the containers found so far.
 *
 * A node that answers null has no permit for the requester: it is NOT_PRESENTED, and its events are
 * missing. @returns null if no node that answered opened.
 */
export async function traceNetwork(
  nodes: AskNodes,
  requester: RequestOrigin,
  root: TraceItem,
  options: TraceOptions,
): Promise<Trace | null> {
  const states = new Map<InstitutionId, SourceState>();
  const opened = new Set<InstitutionId>();

  async function askAbout(item: TraceItem, of: Question<unknown>['of']): Promise<Round> {
    const answers = await nodes.ask(requester, toTraceQuestion(item, of, options));
    for (const answer of answers) {
      if (answer.data) opened.add(answer.institution);
      noteState(states, answer);
    }
    return unite(answers.flatMap(({ data }) => data ?? []));
  }

  const round = await followItem(root, async (items) => {
    const of = states.size === 0 ? { roles: SUPPLY_ROLES } : { institutions: [...opened].sort() };
    if ('institutions' in of && of.institutions.length === 0) return unite([]);
    return unite(await Promise.all(items.map((item) => askAbout(item, of))));
  });

  const sources = [...states.values()];
  // No answer is not a refusal: if a node is missing, the trace is empty and incomplete, not null.
  const refusedByAll = sources.every(({ status }) => status === 'NOT_PRESENTED');
  return opened.size === 0 && refusedByAll ? null : { item: root.epc, ...round, sources };
}

/** Size of an event that touches dozens of things; most touch one. */
const EVENT_BYTES = 4 * 1024;

function toTraceQuestion(
  { epc, fromMs, untilMs }: TraceItem,
  of: Question<unknown>['of'],
  { evidence }: TraceOptions,
): Question<Round | null> {
  return {
    subgraph: 'supply',
    maxBytes: answerBytes(MAX_TRACE_EVENTS, EVENT_BYTES + (evidence ? EVIDENCE_BYTES : 0)),
    needsToken: true,
    document: TRACE,
    variables: { epc, from: toIso(fromMs), until: toIso(untilMs), evidence },
    of,
    parse: (data, institution) => {
      const { trace } = TraceAnswer.parse(data);
      if (trace === null) return null;
      return {
        hasMore: trace.hasMore,
        events: trace.events.map((row) => toTracedEvent(row, institution)),
        containments: trace.containments.map(toContainment),
      };
    },
  };
}

/** Keeps a node's worst status and longest time over all rounds. */
function noteState(
  states: Map<InstitutionId, SourceState>,
  { institution, status, latencyMs, data }: Answer<Round | null>,
): void {
  const before = states.get(institution);
  const now = status === 'OK' && data === null ? 'NOT_PRESENTED' : status;
  const worst = before === undefined || before.status === 'OK' ? now : before.status;
  const isFailed = latencyMs === null || (before !== undefined && before.latencyMs === null);
  states.set(institution, {
    institution,
    status: worst,
    latencyMs: isFailed ? null : Math.max(before?.latencyMs ?? 0, latencyMs),
  });
}

function unite(rounds: readonly Round[]): Round {
  return {
    events: rounds.flatMap(({ events }) => events),
    containments: rounds.flatMap(({ containments }) => containments),
    hasMore: rounds.some(({ hasMore }) => hasMore),
  };
}

/** Null for a time that sets no bound. */
function toIso(unixMs: number): string | null {
  const bounded = unixMs > ALL_TIME.fromMs && unixMs < ALL_TIME.untilMs;
  return bounded ? new Date(unixMs).toISOString() : null;
}
