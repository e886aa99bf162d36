import type { Clock } from '../../../core/clock.js';
import { DomainError } from '../../../core/errors.js';
import type { InstitutionId } from '../../../core/ids.js';
import type { Database } from '../../../store/database.js';
import { createEndedReader, type ReadEnded } from '../../erasure/ended-presentations.js';
import type { Gate } from '../../gate/gate.js';
import type { Holder } from '../../gate/holder-key.js';
import type { PermitSet } from '../../gate/permit.js';
import { changeStamp } from '../../gate/presentations.js';
import {
  cursorsOf,
  decodePlaces,
  encodePlaces,
  type PlacedWithdrawal,
  type WithdrawalPage,
  type WithdrawalsQuestion,
} from './model.js';
import { type Behind, decodePlace, encodePlace, ToldLists, type WithdrawalPlace } from './told.js';
import { WaitingPlaces } from './waiting.js';
import { ChangeWatch } from './watch.js';

/** A node's clients are gateways with many each. */
const WAITING = { all: 250, ofCaller: 4 };

/** What one node tells its holders of their presentations that ended. */
export interface NodeWithdrawals {
  /** @throws DomainError TOKEN_MISSING, BAD_INPUT, RATE_LIMITED; what a PermitSet throws while undecided. */
  page(
    opened: PermitSet,
    question: WithdrawalsQuestion,
    ending?: () => AbortSignal,
  ): Promise<WithdrawalPage>;
}

/** The node, and how it finds what ended. */
interface Setting {
  readonly institution: InstitutionId;
  readonly gate: Pick<Gate, 'open'>;
  readonly readEnded: ReadEnded;
  readonly lists: ToldLists;
  readonly watch: ChangeWatch;
  readonly waiting: WaitingPlaces;
}

/** Who asks for what. */
interface Asking {
  readonly holder: Holder;
  readonly gateway: string | undefined;
  readonly question: WithdrawalsQuestion;
  readonly place: WithdrawalPlace | undefined;
}

export function createNodeWithdrawals(parts: {
  readonly db: Database;
  readonly institution: InstitutionId;
  readonly clock: Clock;
  readonly gate: Pick<Gate, 'open'>;
}): NodeWithdrawals {
  const { db, clock, institution, gate } = parts;
  const setting: Setting = {
    institution,
    gate,
    readEnded: createEndedReader(db, () => clock.nowSeconds()),
    lists: new ToldLists(),
    watch: new ChangeWatch(() => changeStamp(db)),
    waiting: new WaitingPlaces(WAITING),
  };
  return {
    async page({ holder, gateway }, question, ending) {
      if (holder === undefined) throw new DomainError('TOKEN_MISSING');
      const place = decodePlace(decodePlaces(question.after).get(institution));
      const asking = { holder, gateway, question, place };
      if (question.waitSeconds === 0) return answer(setting, asking);
      const seen = await setting.watch.stamp();
      const first = await answer(setting, asking);
      // A caller that has shown nothing here has nothing to wait for, and takes no place.
      const isPresented = first.sources.every(({ status }) => status === 'OK');
      // Where too many wait, the answer comes at once: a refusal would look like a fault of this node.
      const isFull = setting.waiting.isFullFor(holder.thumbprint);
      if (first.nodes.length > 0 || !isPresented || isFull) return first;
      await untilNews(setting, asking, seen, ending);
      return answer(setting, asking);
    },
  };
}

/** Waits for a row behind the place, or for the end of the wait. */
async function untilNews(
  setting: Setting,
  asking: Asking,
  begun: string,
  ending: (() => AbortSignal) | undefined,
): Promise<void> {
  const { holder, question } = asking;
  const waiting = setting.waiting.enter(holder.thumbprint, question.waitSeconds, ending?.());
  try {
    let seen: string | undefined = begun;
    while (seen !== undefined) {
      seen = await setting.watch.after(seen, waiting.signal);
      if (seen !== undefined && (await behind(setting, asking)).rows.length > 0) return;
    }
  } finally {
    waiting.leave();
  }
}

async function behind({ readEnded, lists }: Setting, asking: Asking): Promise<Behind> {
  const { holder, place } = asking;
  const { study } = asking.question;
  const ended = (await readEnded(holder.thumbprint)).filter((row) => row.study === study);
  return lists.behind(`${holder.thumbprint} ${study}`, ended, place);
}

/** What is known now. The permits are minted again: a wait is long enough for a feed to fall behind. */
async function answer(setting: Setting, asking: Asking): Promise<WithdrawalPage> {
  const { institution } = setting;
  const { holder, gateway, question } = asking;
  const opened = await setting.gate.open({ holder, gateway });
  const { list, start, rows, repeated } = await behind(setting, asking);
  const placed = rows.slice(0, question.first).map((row, i): PlacedWithdrawal => {
    const own = encodePlace({ list, count: start + i + 1 });
    const { pseudonym, handle, at } = row;
    return {
      row: { pseudonym, handle, endedAt: at, custodian: institution },
      cursor: encodePlaces(new Map([[institution, own]])),
    };
  });
  // While permits are undecided this throws: what this node has not heard of might be withdrawn.
  const isPresented = opened.presented || start + rows.length > 0;
  return {
    nodes: placed.map(({ row }) => row),
    hasNextPage: rows.length > question.first,
    cursorOf: cursorsOf(placed),
    sources: [{ institution, status: isPresented ? 'OK' : 'NOT_PRESENTED', latencyMs: null }],
    repeated,
  };
}
