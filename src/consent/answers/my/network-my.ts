import { type Clock, systemClock } from '../../../core/clock.js';
import { DomainError, invariant } from '../../../core/errors.js';
import { toInstitutionId, toPseudonym, toStudyId } from '../../../core/ids.js';
import { isoFromSeconds, secondsFromUnixMs } from '../../../core/time.js';
import type { Answer, AskNodes, Question, RequestOrigin, SourceState } from '../../../graph/ask.js';
import { stateOf } from '../../../graph/ask.js';
import type { Page } from '../../../graph/federated.js';
import { mergeSorted } from '../../../graph/page.js';
import { pseudonymOf } from '../../../zk/leaf.js';
import { refusalOf } from '../../base/model.js';
import { compareReleases, cursorOfRelease } from '../../disclosures/release-place.js';
import { toPublicKey } from '../../registration/parse-signed-consent.js';
import { pageOf, placeOf, requesterUnder } from './disclosures.js';
import type {
  OwnConsent,
  OwnDisclosure,
  OwnPageQuestion,
  OwnParticipation,
  OwnQuestion,
  SignedListInput,
} from './model.js';
import {
  MY_CONSENTS,
  MY_DISCLOSURES,
  type OwnAnswer,
  parseOwnConsents,
  parseOwnDisclosures,
} from './network-answers.js';
import { requireLists } from './signed-list.js';

/** One study key's question on its way: each institution is shown its own list and no other's. */
interface OwnAsking {
  readonly nodes: AskNodes;
  readonly requester: RequestOrigin;
  readonly question: OwnQuestion;
}

/** What became of one list. */
type Asked<Rows> = Answer<OwnAnswer<Rows>> & { readonly index: number };

/**
 * The network's answer to a study key, merged from the institutions that it signed for. The nodes
 * decide; this only passes on.
 *
 * @throws DomainError TOKEN_MISSING, INSTITUTION_UNKNOWN, and what requireLists throws.
 */
export async function askOwn(
  nodes: AskNodes,
  requester: RequestOrigin,
  question: OwnQuestion,
  clock: Clock = systemClock,
): Promise<OwnParticipation> {
  if (requester.token === undefined) throw new DomainError('TOKEN_MISSING');
  requireLists(question.lists);
  const pseudonym = toPseudonym(String(pseudonymOf(toPublicKey(question.publicKey))));
  const of = { study: toStudyId(question.study), pseudonym };
  const asking = { nodes, requester, question };
  const answers = await askEach(asking, question.lists, {
    document: MY_CONSENTS,
    more: {},
    parse: parseOwnConsents(of),
  });
  const consents = answers.flatMap((answer) => takenOf(answer) ?? []);
  const sources = answers.map(sourceOf);
  return {
    ...of,
    asOf: clock.nowSeconds(),
    consents: consents.sort(newestFirst),
    refused: answers.flatMap(({ index, data }) =>
      data !== undefined && 'refused' in data ? [refusalOf(index, data.refused)] : [],
    ),
    sources,
    disclosures: (page) => askPage(asking, of, { consents, sources }, page),
  };
}

async function askPage(
  asking: OwnAsking,
  of: Pick<OwnParticipation, 'study' | 'pseudonym'>,
  before: { readonly consents: readonly OwnConsent[]; readonly sources: readonly SourceState[] },
  { first, after, since, evidence }: OwnPageQuestion,
): Promise<Page<OwnDisclosure>> {
  const answered = new Set(
    before.sources.flatMap(({ institution, status }) => (status === 'OK' ? [institution] : [])),
  );
  const isAnswered = ({ institution }: SignedListInput) =>
    answered.has(toInstitutionId(institution));
  const answers = await askEach(asking, asking.question.lists.filter(isAnswered), {
    document: MY_DISCLOSURES,
    more: {
      first,
      after: after === undefined ? null : cursorOfRelease(after),
      since: since === 0 ? null : isoFromSeconds(since),
      proven: evidence,
    },
    parse: parseOwnDisclosures(of, { first, after }),
  });
  const shards = answers.flatMap((answer) => {
    const taken = takenOf(answer);
    if (taken === undefined) return [];
    const requesterOf = requesterUnder(before.consents, answer.institution);
    const rows = taken.rows.map((row) => ({ ...row, requester: requesterOf(row.record.handle) }));
    return [{ rows, hasNextPage: taken.hasNextPage }];
  });
  const merged = mergeSorted(shards, first, (a, b) => compareReleases(placeOf(a), placeOf(b)));
  const notAsked = before.sources.filter(({ status }) => status !== 'OK');
  return pageOf(merged, [...answers.map(sourceOf), ...notAsked].sort(byInstitution));
}

/** All consents of one person in one study, or a page of what was released of them. */
const MAX_OWN_BYTES = 4 * 1024 * 1024;

/** Asks each institution with the one list that is for it, all at once; answers in id order. */
async function askEach<Rows>(
  { nodes, requester, question }: OwnAsking,
  lists: readonly SignedListInput[],
  about: {
    readonly document: string;
    readonly more: Readonly<Record<string, unknown>>;
    readonly parse: Question<OwnAnswer<Rows>>['parse'];
  },
): Promise<readonly Asked<Rows>[]> {
  const { study, publicKey } = question;
  const asked = lists.map(async (list): Promise<Asked<Rows>> => {
    const at = isoFromSeconds(secondsFromUnixMs(list.at.getTime()));
    const { institution, signature } = list;
    const [answer] = await nodes.ask(requester, {
      subgraph: 'consent',
      maxBytes: MAX_OWN_BYTES,
      needsToken: true,
      document: about.document,
      variables: { study, publicKey, lists: [{ institution, at, signature }], ...about.more },
      of: { institutions: [toInstitutionId(institution)] },
      parse: about.parse,
    });
    invariant(answer !== undefined, 'one institution asked is one answer');
    return { ...answer, index: question.lists.indexOf(list) };
  });
  return (await Promise.all(asked)).sort(byInstitution);
}

function takenOf<Rows>({ data }: Asked<Rows>): Rows | undefined {
  return data !== undefined && 'taken' in data ? data.taken : undefined;
}

function sourceOf<Rows>(asked: Asked<Rows>): SourceState {
  const isRefused = asked.data !== undefined && 'refused' in asked.data;
  return stateOf(asked, isRefused ? 'REFUSED' : asked.status);
}

function newestFirst(a: OwnConsent, b: OwnConsent): number {
  const [one, other] = [BigInt(a.serial), BigInt(b.serial)];
  return one === other ? byInstitution(a, b) : one < other ? 1 : -1;
}

function byInstitution(
  a: { readonly institution: string },
  b: { readonly institution: string },
): number {
  if (a.institution === b.institution) return 0;
  return a.institution < b.institution ? -1 : 1;
}
