import type { ConsentSource } from '../../consent/answers/consent-source.js';
import { decided } from '../../consent/graphql/type-study.js';
import {
  type InstitutionId,
  type Pseudonym,
  type StudyId,
  toPseudonym,
  toStudyId,
} from '../../core/ids.js';
import type { RequestOrigin } from '../../graph/ask.js';
import type { NodeType } from '../../graph/node/interface.js';
import type { NetworkSource } from '../../network/source.js';
import { listedParticipants } from '../../records/answers/listed.js';
import type { RecordsSource } from '../../records/answers/records-source.js';
import { isLotKey, orUnknown } from '../../supply/known-lot.js';
import type { LotKey, SupplySource } from '../../supply/source.js';
import { isTrialId, type TrialsSource } from '../../trials/source.js';

/** What is asked whether something is there, and open to the requester: as each domain's own fields ask. */
export interface IdentifiedSources {
  readonly network: Pick<NetworkSource, 'institutions'>;
  readonly consents: Pick<ConsentSource<RequestOrigin>, 'access'>;
  readonly records: Pick<RecordsSource<RequestOrigin>, 'participants'>;
  readonly trials: Pick<TrialsSource<RequestOrigin>, 'byIds'>;
  readonly supply: Pick<SupplySource<RequestOrigin>, 'lots'>;
}

/** A key as it is in an id. */
export type Key = readonly string[];
/** The fields of the key that the other subgraphs know the object by. */
export type Found = object | null | Error;

/**
 * Finds many objects of one type at once, in the order asked. Null: nobody has it, or it is not open
 * to this requester. An Error stands for its own object alone.
 */
export type Find = (requester: RequestOrigin, keys: readonly Key[]) => Promise<readonly Found[]>;

/** How objects of each type are found. A caller that may not see one is answered as if there were none. */
export function findersOf(sources: IdentifiedSources): Readonly<Record<NodeType, Find>> {
  return {
    Institution: async (_requester, keys) => {
      const ids = keys.map(([id]) => id as InstitutionId);
      return sources.network.institutions(ids).map((one) => (one ? { id: one.id } : null));
    },
    Trial: async (requester, keys) => {
      const ids = keys.map(([id]) => id as StudyId);
      const found = await sources.trials.byIds(requester, ids, { evidence: false });
      return found.map((one) => (one instanceof Error ? one : one ? { id: one.id } : null));
    },
    Study: async (requester, keys) => {
      const studies = keys.map(([study]) => study as StudyId);
      const answers = await sources.consents.access(requester, studies);
      return answers.map((answer, i) =>
        caught(() => (decided(answer) === null ? null : { registryId: studies[i] })),
      );
    },
    Lot: async (requester, keys) => {
      const asked = keys.map(([gtin, lot]) => ({ gtin, lot }) as LotKey);
      const lots = await sources.supply.lots(requester, asked);
      return lots.map((lot) =>
        caught(() => (orUnknown(lot) === null ? null : { gtin: lot.gtin, lot: lot.lot })),
      );
    },
    Participant: (requester, keys) => findParticipants(sources.records, requester, keys),
  };
}

/** Each in its own study's list, cut to those asked for: the one way in which anybody sees one. */
async function findParticipants(
  records: IdentifiedSources['records'],
  requester: RequestOrigin,
  keys: readonly Key[],
): Promise<readonly Found[]> {
  // Without a token there is no holder, so nothing that any node could have been shown.
  if (requester.token === undefined) return keys.map(() => null);
  const named = keys.map(([study, pseudonym]) => ({
    study: study as StudyId,
    pseudonym: pseudonym as Pseudonym,
  }));
  const listed = await listedParticipants(records, requester, named);
  return listed.map((one) => {
    const isShown = one !== undefined && !(one instanceof Error);
    return isShown ? { pseudonym: one.pseudonym } : (one ?? null);
  });
}

function caught(find: () => Found): Found {
  try {
    return find();
  } catch (thrown) {
    return thrown as Error;
  }
}

/** Whether a key has the form that objects of its type have: nobody is asked for any other. */
export function isKeyOf(type: NodeType, key: Key): boolean {
  try {
    const [first = '', second = ''] = key;
    if (type === 'Participant')
      return key.length === 2 && Boolean(toStudyId(first) && toPseudonym(second));
    if (type === 'Lot') return key.length === 2 && isLotKey({ gtin: first, lot: second });
    if (type === 'Study') return key.length === 1 && Boolean(toStudyId(first));
    return key.length === 1 && (type === 'Institution' || isTrialId(first));
  } catch {
    return false;
  }
}
