import type { DomainError } from '../core/errors.js';
import type { StudyId } from '../core/ids.js';
import type { Page } from '../graph/federated.js';
import { encodeCursor } from '../graph/page.js';
import type { KeptTrial, Phase, TrialStatus } from './model.js';

/** Which trials to list; what is left out matches all. */
export interface TrialFilter {
  /** Part of the name of a condition or keyword, in any case. */
  readonly condition?: string | null | undefined;
  readonly status?: readonly TrialStatus[] | null | undefined;
  /** Any of these phases. */
  readonly phase?: readonly Phase[] | null | undefined;
}

export interface TrialQuery {
  readonly where: TrialFilter;
  /** Rows in the page, 1 to MAX_PAGE. */
  readonly size: number;
  /** The last id of the previous page. */
  readonly after: string | undefined;
  /** Whether each trial comes with its evidence. */
  readonly evidence: boolean;
}

/**
 * Whether a trial can have this id. An impossible one in a list of references counts as unknown,
 * not as an error.
 */
export function isTrialId(id: string): id is StudyId {
  return /^NCT\d{8}$/.test(id);
}

/** Continues after that trial: pages are in order of id. */
export function cursorOfTrial({ id }: Pick<KeptTrial, 'id'>): string {
  return encodeCursor([id]);
}

/** Where trials come from: a node's database, or the network. Protocols are public: no permit. */
export interface TrialsSource<Opened> {
  /** In ascending order of id by UTF-16 code unit, so that pages of many nodes merge. */
  list(opened: Opened, query: TrialQuery): Promise<Page<KeptTrial>>;
  /**
   * One entry per id, in the order asked; undefined for an unknown one. SOURCE_UNAVAILABLE in place
   * of one that no source knows while one does not answer.
   */
  byIds(
    opened: Opened,
    ids: readonly StudyId[],
    options: Pick<TrialQuery, 'evidence'>,
  ): Promise<readonly (KeptTrial | undefined | DomainError)[]>;
}
