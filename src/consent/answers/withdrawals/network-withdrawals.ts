import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DomainError } from '../../../core/errors.js';
import { fieldText } from '../../../core/field-text.js';
import { type InstitutionId, toPseudonym } from '../../../core/ids.js';
import { keptForms } from '../../../core/kept-forms.js';
import { listOf } from '../../../core/list-of.js';
import { secondsFromIso } from '../../../core/time.js';
import { answerBytes } from '../../../graph/answer-size.js';
import type { Answer, AskNodes, Question, RequestOrigin } from '../../../graph/ask.js';
import { stateOf } from '../../../graph/ask.js';
import { OWN_SOURCE_FIELDS, type OwnStatus, ownSource } from '../../../graph/own-source.js';
import { takePage } from '../../../graph/page.js';
import {
  cursorsOf,
  decodePlaces,
  type EndedConsent,
  encodePlaces,
  type PlacedWithdrawal,
  type Places,
  type WithdrawalPage,
  type WithdrawalsQuestion,
} from './model.js';
import type { WaitingPlaces } from './waiting.js';

/** Of one withdrawal: two numbers of 77 digits, and its cursor. */
const ROW_BYTES = 1_024;
/** Time that a node has in addition to the wait itself. */
const ANSWER_MS = 3_000;
const PAUSE_MS = 1_000;
/** Characters of a cursor with one place in it. */
const MAX_CURSOR = 512;

/** Who keep participants' records, and so are shown their consents. */
const CUSTODIANS: Question<Told>['of'] = { roles: ['HOSPITAL'] };

const WITHDRAWALS = `query Withdrawals($study: ID!, $first: Int, $after: String, $wait: Int) {
  withdrawals(study: $study, first: $first, after: $after, waitSeconds: $wait) {
    edges { cursor node { pseudonym handle endedAt custodian { id } } }
    pageInfo { hasNextPage } repeated ${OWN_SOURCE_FIELDS}
  }
}`;

/** What one institution told. */
interface Told {
  readonly rows: readonly { readonly row: EndedConsent; readonly own: string }[];
  readonly hasNextPage: boolean;
  readonly repeated: boolean;
  readonly status: OwnStatus;
}

/** Where a reader stands, and what is asked. */
interface Asking {
  readonly nodes: AskNodes;
  readonly requester: RequestOrigin;
  readonly question: WithdrawalsQuestion;
  readonly places: Places;
}

/**
 * What the custodians tell, merged. If none has anything to tell, those that were shown something are
 * asked to wait, each by itself; the first that tells ends the wait of all, and all are asked once more:
 * so the answer says of each how it stands now, and no institution holds up what another knows.
 *
 * @param waiting - the places of this gateway's own clients.
 * @throws DomainError TOKEN_MISSING, BAD_INPUT, RATE_LIMITED
 */
export async function askWithdrawals(
  nodes: AskNodes,
  waiting: WaitingPlaces,
  { requester, question }: Pick<Asking, 'requester' | 'question'>,
  ending: (() => AbortSignal) | undefined,
): Promise<WithdrawalPage> {
  if (requester.token === undefined) throw new DomainError('TOKEN_MISSING');
  const asking = { nodes, requester, question, places: decodePlaces(question.after) };
  const first = await ask(asking, CUSTODIANS, 0);
  const shown = first.flatMap(({ institution, data }) =>
    data?.status === 'OK' ? [institution] : [],
  );
  const isOver = question.waitSeconds === 0 || shown.length === 0 || first.some(hasNews);
  if (isOver) return merged(asking, first);
  const caller = requester.caller ?? requester.token;
  const place = waiting.enter(caller, question.waitSeconds, ending?.());
  try {
    await untilNews(asking, shown, place.signal);
  } finally {
    place.leave();
  }
  return merged(asking, await ask(asking, CUSTODIANS, 0));
}

/** Waits until one of these institutions has something to tell, or none can be waited for any more. */
async function untilNews(
  asking: Asking,
  institutions: readonly InstitutionId[],
  over: AbortSignal,
): Promise<void> {
  const { requester } = asking;
  const enough = new AbortController();
  const signal = AbortSignal.any([
    ...[over, enough.signal],
    ...(requester.signal ? [requester.signal] : []),
  ]);
  const waiting = { ...asking, requester: { ...requester, signal } };
  await Promise.all(
    institutions.map(async (institution) => {
      if (await tells(waiting, institution, signal)) enough.abort();
    }),
  );
}

/** @returns false once the signal is aborted, or that institution gives no answer. */
async function tells(
  asking: Asking,
  institution: InstitutionId,
  signal: AbortSignal,
): Promise<boolean> {
  const of = { institutions: [institution] };
  while (!signal.aborted) {
    const [answer] = await ask(asking, of, asking.question.waitSeconds).catch(noLongerListed);
    if (answer?.data?.status !== 'OK') return false;
    if (hasNews(answer)) return true;
    // It waits no longer, because it stops or too many wait there: it is asked again, but not at once.
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

/** The ledger may have let it go since. */
function noLongerListed(thrown: unknown): readonly Answer<Told>[] {
  if (thrown instanceof DomainError && thrown.code === 'INSTITUTION_UNKNOWN') return [];
  throw thrown;
}

function hasNews({ data }: Answer<Told>): boolean {
  return (data?.rows.length ?? 0) > 0;
}

function ask(
  { nodes, requester, question, places }: Asking,
  of: Question<Told>['of'],
  waitSeconds: number,
): Promise<readonly Answer<Told>[]> {
  const { study, first } = question;
  return nodes.ask(requester, {
    subgraph: 'consent',
    maxBytes: answerBytes(first, ROW_BYTES),
    needsToken: true,
    document: WITHDRAWALS,
    variables: { study, first, wait: waitSeconds },
    // Its own place alone: how much another has told is not for it.
    variablesOf: (institution) => ({ after: placeAt(places, institution) }),
    of,
    parse: (data, institution) => parseTold(data, institution, first),
    budgetMs: waitSeconds * 1_000 + ANSWER_MS,
  });
}

function placeAt(places: Places, institution: InstitutionId): string | null {
  const own = places.get(institution);
  return own === undefined ? null : encodePlaces(new Map([[institution, own]]));
}

/** A node tells of itself alone. */
const toldForm = keptForms((institution: InstitutionId, first: number) => {
  const node = z.strictObject({
    pseudonym: z.string().transform(toPseudonym),
    handle: fieldText,
    endedAt: z.iso.datetime({ offset: true }).transform(secondsFromIso),
    custodian: z.strictObject({ id: z.literal(institution) }),
  });
  const edge = z.strictObject({ cursor: z.string().max(MAX_CURSOR), node });
  return z.strictObject({
    withdrawals: z.strictObject({
      edges: listOf(edge, first),
      pageInfo: z.strictObject({ hasNextPage: z.boolean() }),
      repeated: z.boolean(),
      sources: ownSource(institution),
    }),
  });
});

function parseTold(data: unknown, institution: InstitutionId, first: number): Told {
  const { withdrawals } = toldForm(institution, first).parse(data);
  const rows = withdrawals.edges.map(({ cursor, node: told }) => {
    const own = decodePlaces(cursor).get(institution);
    if (own === undefined) throw new Error('a place of its own');
    return { row: { ...told, custodian: institution }, own };
  });
  const { pageInfo, repeated, sources } = withdrawals;
  return { ...takePage(rows, pageInfo.hasNextPage), repeated, status: sources };
}

/** In order of institution, and there as it told. Each cursor has the places of those before it, too. */
function merged({ question, places }: Asking, answers: readonly Answer<Told>[]): WithdrawalPage {
  // Of those that are asked no more, nothing is kept.
  const known = new Map<string, string>();
  for (const { institution } of answers) {
    const own = places.get(institution);
    if (own !== undefined) known.set(institution, own);
  }
  const all = answers.flatMap(({ institution, data }) =>
    (data?.rows ?? []).map(({ row, own }): PlacedWithdrawal => {
      known.set(institution, own);
      return { row, cursor: encodePlaces(known) };
    }),
  );
  const placed = all.slice(0, question.first);
  return {
    nodes: placed.map(({ row }) => row),
    hasNextPage:
      all.length > placed.length || answers.some(({ data }) => data?.hasNextPage === true),
    cursorOf: cursorsOf(placed),
    sources: answers.map((answer) => stateOf(answer, answer.data?.status)),
    repeated: answers.some(({ data }) => data?.repeated === true),
  };
}
