import { type Clock, systemClock } from '../../core/clock.js';
import { parseSignals } from '../../zk/statement.js';
import type { Gateway, GraphqlAnswer } from '../gateway/gateway.js';
import type { Session } from '../gateway/session.js';
import { livingCredential } from './living-credential.js';
import { type Presentation, type Presented, presentConsents } from './present.js';

/**
 * Asks in the name of one session: signs its tokens, and presents its proofs to nodes that lack
 * them.
 */
export interface Reader {
  /** Sends a presentation of this session, and keeps it to send it again. */
  present(presentation: Presentation): Promise<Presented>;
  /**
   * Asks a question. If a source says NOT_PRESENTED, the kept presentations are sent again and the
   * question is repeated once: a node admitted yesterday has never seen a proof made the day
   * before.
   *
   * @param signal - aborts the question.
   */
  query(
    document: string,
    variables?: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<GraphqlAnswer>;
}

/** Pause before presenting again to a node that still says NOT_PRESENTED after the second time. */
const PATIENCE_MS = 60_000;

/** Nodes refuse older proofs. */
const PROOF_LIFE_SECONDS = 86_400;

/** @param options.tokenSeconds - lifetime of each token; 600 unless the network allows more. */
export function openReader(options: {
  readonly gateway: Gateway;
  readonly session: Session;
  readonly tokenSeconds?: number;
  readonly clock?: Clock;
}): Reader {
  const { gateway, session, tokenSeconds = 600, clock = systemClock } = options;
  const kept: Presentation[] = [];
  const shownAgainMs = new Map<string, number>();
  let shown = 0;
  let lastShowing: Promise<unknown> = Promise.resolve();
  const { thumbprint: audience } = gateway;
  const credential = livingCredential({ session, audience, seconds: tokenSeconds, clock });

  async function ask(
    document: string,
    variables: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ) {
    return gateway.send({ document, variables, credential: await credential(), signal });
  }

  async function show(presentation: Presentation): Promise<Presented> {
    return presentConsents(gateway, presentation, await credential());
  }

  /** Whether asking again could change that answer, because proofs were presented since. */
  async function showAgain(answer: GraphqlAnswer, shownBefore: number): Promise<boolean> {
    const nowMs = clock.nowMs();
    const lacking = institutionsLacking(answer.data);
    if (lacking.length > 0 && shownBefore < shown) return true;
    const untried = lacking.filter(
      (institution) => nowMs - (shownAgainMs.get(institution) ?? -PATIENCE_MS) >= PATIENCE_MS,
    );
    const living = kept.filter((presentation) => isLiving(presentation, clock.nowSeconds()));
    if (untried.length === 0 || living.length === 0) return false;
    for (const institution of untried) shownAgainMs.set(institution, nowMs);
    for (const presentation of living) await show(presentation);
    shown += 1;
    return true;
  }

  return {
    async present(presentation) {
      const presented = await show(presentation);
      kept.push(presentation);
      shownAgainMs.clear();
      return presented;
    },
    async query(document, variables = {}, signal) {
      const shownBefore = shown;
      const answer = await ask(document, variables, signal);
      // One at a time: if many questions meet a new node, only the first presents the proofs. If
      // that fails, the answer is returned unchanged and says which source is missing.
      const showing = lastShowing.then(() => showAgain(answer, shownBefore)).catch(() => false);
      lastShowing = showing;
      return (await showing) ? ask(document, variables, signal) : answer;
    },
  };
}

function isLiving({ ask, proofs }: Presentation, nowSeconds: number): boolean {
  const isFresh = proofs.some(
    ({ publicSignals }) =>
      nowSeconds - Number(parseSignals(publicSignals).asOf) < PROOF_LIFE_SECONDS,
  );
  return isFresh && ask.expires > nowSeconds;
}

/** The institutions with NOT_PRESENTED in any `sources` of an answer; '' for one without a name. */
function institutionsLacking(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return [...new Set(value.flatMap(institutionsLacking))];
  const { sources } = value as { sources?: unknown };
  const own = Array.isArray(sources) ? sources.filter(isLacking).map(idOf) : [];
  return [...new Set([...own, ...Object.values(value).flatMap(institutionsLacking)])];
}

function isLacking(source: unknown): boolean {
  return (source as { status?: unknown } | null)?.status === 'NOT_PRESENTED';
}

function idOf(source: unknown): string {
  const { institution } = source as { institution?: { id?: unknown } };
  return typeof institution?.id === 'string' ? institution.id : '';
}
