import type { Release } from '../../consent/disclosures/disclosure.js';
import { createReleaseLog, type LogReleases } from '../../consent/disclosures/release-log.js';
import type { Permit, PermitSet } from '../../consent/gate/permit.js';
import { keyedId } from '../../core/canonical.js';
import type { Clock } from '../../core/clock.js';
import { invariant } from '../../core/errors.js';
import type { InstitutionId, Pseudonym, StudyId } from '../../core/ids.js';
import type { SourceState } from '../../graph/ask.js';
import { type Page, wholePage } from '../../graph/federated.js';
import type { Database, SqlTransaction } from '../../store/database.js';
import { oldestShownYear } from '../deidentify/coarse-date.js';
import { UNNAMED_SERVER } from '../identity/server.js';
import { type Contents, KINDS, type KindName, type RowOf } from '../kinds/kinds.js';
import { withDisplays } from '../labels/code-display.js';
import type { Demographics, ParticipantRef, RecordClass, RecordContent } from '../model/model.js';
import {
  cursorOf,
  cursorOfCustodian,
  cursorOfParticipant,
  placeOfCursor,
  pseudonymOfCursor,
} from '../model/order.js';
import { type CutPage, cutPage, type NamedRow } from './cut-page.js';
import {
  type PermittedRow,
  readDemographics,
  readSubjects,
  readTimeline,
} from './permitted-rows.js';
import type {
  ParticipantsQuestion,
  RecordPage,
  RecordQuestion,
  RecordsSource,
} from './records-source.js';
import { opens, withheldByQuestion, withheldByScope } from './withheld.js';

/** What DatabaseRecords needs from its node. */
export interface DatabaseRecordsOptions {
  readonly db: Database;
  readonly institution: InstitutionId;
  /** Key from which outward ids are derived: at least 32 bytes that only this node knows. */
  readonly nodeIdKey: Uint8Array;
  readonly clock: Clock;
}

/**
 * A node's own records. Every released row was opened by a permit, and its entry in the disclosure
 * log is committed before the row is returned.
 */
export class DatabaseRecords implements RecordsSource<PermitSet> {
  readonly #options: DatabaseRecordsOptions;
  readonly #log: LogReleases;

  constructor(options: DatabaseRecordsOptions) {
    invariant(options.nodeIdKey.length >= 32, 'ids that leave are keyed with 32 bytes or more');
    this.#options = options;
    this.#log = createReleaseLog(options.db);
  }

  async participants(
    opened: PermitSet,
    studies: readonly StudyId[],
    question: ParticipantsQuestion,
  ): Promise<readonly Page<ParticipantRef>[]> {
    const pages: Page<ParticipantRef>[] = [];
    // One after another: a question must not take every connection of the node's database.
    for (const study of studies) pages.push(await this.#listed(opened, study, question));
    return pages;
  }

  async #listed(
    opened: PermitSet,
    study: StudyId,
    { first, after, pseudonyms }: ParticipantsQuestion,
  ): Promise<Page<ParticipantRef>> {
    const start = pseudonymOfCursor(after) ?? '';
    const asked = pseudonyms === null ? undefined : new Set(pseudonyms);
    const permits = opened.forStudy(study).filter((one) => asked?.has(one.pseudonym) ?? true);
    const found =
      permits.length === 0
        ? []
        : await this.#options.db.transaction(
            (tx) => readSubjects(tx, permits, start, first + 1),
            'read',
          );
    const permitsOf = byPseudonym(permits);
    return {
      // Use the same permits that found them: a page that announces a next page must have its rows.
      nodes: found.slice(0, first).flatMap((one) => refUnder(permitsOf.get(one)) ?? []),
      hasNextPage: found.length > first,
      cursorOf: cursorOfParticipant,
      sources: this.#sources(opened),
    };
  }

  async lookup(opened: PermitSet, pseudonyms: readonly Pseudonym[]) {
    const permitsOf = byPseudonym(opened.forPseudonyms(pseudonyms));
    return pseudonyms.map((pseudonym) => refUnder(permitsOf.get(pseudonym)));
  }

  async demographics(
    opened: PermitSet,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly Page<Demographics>[]> {
    const permits = this.#permits(opened, pseudonyms, 'DEMOGRAPHICS');
    const sources = this.#sources(opened);
    if (permits.length === 0)
      return pseudonyms.map(() => wholePage([], sources, cursorOfCustodian));
    const { db } = this.#options;
    const rows = await db.transaction((tx) => readDemographics(tx, permits), 'read');
    const counts = new Map(rows.map(({ permit }) => [permit, 1]));
    await this.#log(this.#releases(permits, 'DEMOGRAPHICS', counts));
    const rowsFor = byPseudonym(rows);
    return pseudonyms.map((pseudonym) => {
      const own = rowsFor.get(pseudonym) ?? [];
      return wholePage(
        own.map(({ content }) => this.#demographicsOf(content)),
        sources,
        cursorOfCustodian,
      );
    });
  }

  /** Reads one kind, cuts each participant's page and records what leaves. */
  async timeline<Name extends KindName>(
    opened: PermitSet,
    kind: Name,
    pseudonyms: readonly Pseudonym[],
    question: RecordQuestion,
  ): Promise<readonly RecordPage<RowOf<Name>>[]> {
    const { dataClass } = KINDS[kind];
    const pages = await this.#readPages(opened, kind, pseudonyms, question);
    const permitsOf = byPseudonym(opened.forPseudonyms(pseudonyms));
    return pseudonyms.map((pseudonym) => {
      const { records = [], hasNextPage = false } = pages.get(pseudonym) ?? {};
      return {
        nodes: records,
        hasNextPage,
        cursorOf,
        sources: this.#sources(opened),
        withheld: withheldByQuestion(permitsOf.get(pseudonym) ?? [], dataClass, question),
      };
    });
  }

  async #readPages<Name extends KindName>(
    opened: PermitSet,
    kind: Name,
    pseudonyms: readonly Pseudonym[],
    question: RecordQuestion,
  ): Promise<ReadonlyMap<Pseudonym, CutPage<Contents[Name]>>> {
    const { dataClass } = KINDS[kind];
    const after = placeOfCursor(question.after);
    const permits = this.#permits(opened, pseudonyms, dataClass);
    if (permits.length === 0) return new Map();
    const { db, clock } = this.#options;
    const oldest = oldestShownYear(clock.nowMs());
    const pages = await db.transaction(async (tx) => {
      const rows = await readTimeline(tx, permits, kind, question, after, oldest);
      const cut = new Map<Pseudonym, CutPage<Contents[Name]>>();
      for (const [pseudonym, own] of byPseudonym(rows)) {
        const named = own.map((row) => this.#name(row, kind));
        cut.set(pseudonym, cutPage(named, question.first, after));
      }
      return inWords(tx, cut);
    }, 'read');
    const counts = new Map<number, number>();
    for (const { permitOfRecord } of pages.values()) {
      for (const n of permitOfRecord) counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    await this.#log(this.#releases(permits, dataClass, counts));
    return pages;
  }

  #name<Name extends KindName>(
    { permit, study, server, id, content }: PermittedRow<Contents[Name]>,
    kind: Name,
  ): NamedRow<Contents[Name]> {
    const { institution, nodeIdKey } = this.#options;
    // The kind and the server too: FHIR ids are unique within a resource type of one server alone.
    const own = server === UNNAMED_SERVER ? id : `${server}/${id}`;
    const outward = keyedId(nodeIdKey, study, kind, own);
    return { permit, record: { ...content, id: outward, custodian: institution } };
  }

  #releases(
    permits: readonly Permit[],
    dataClass: RecordClass,
    counts: ReadonlyMap<number, number>,
  ): readonly Release[] {
    const at = this.#options.clock.nowSeconds();
    return permits.flatMap(({ study, pseudonym, handle, purpose }, n) => {
      const count = counts.get(n) ?? 0;
      return count === 0 ? [] : [{ at, study, pseudonym, handle, purpose, dataClass, count }];
    });
  }

  #demographicsOf({ sex, birthYear }: Omit<Demographics, 'custodian'>): Demographics {
    const { institution, clock } = this.#options;
    const oldest = oldestShownYear(clock.nowMs());
    return {
      custodian: institution,
      sex,
      birthYear: birthYear === null ? null : Math.max(birthYear, oldest),
    };
  }

  #permits(opened: PermitSet, pseudonyms: readonly Pseudonym[], dataClass: RecordClass) {
    return opened.forPseudonyms(pseudonyms).filter((permit) => opens(permit, dataClass));
  }

  /**
   * This node's part. It is OK even if there are no rows, so that "none" and "unknown" look the
   * same.
   */
  #sources({ presented }: PermitSet): readonly SourceState[] {
    const { institution } = this.#options;
    return [{ institution, status: presented ? 'OK' : 'NOT_PRESENTED', latencyMs: null }];
  }
}

/** A participant as shown by the permits for it, and by no others. */
function refUnder(permits: readonly Permit[] = []): ParticipantRef | undefined {
  const [permit] = permits;
  if (permit === undefined) return undefined;
  const { pseudonym, study } = permit;
  return { pseudonym, study, withheld: withheldByScope(permits) };
}

/** The pages with display words for their codes, read for all of them at once. */
async function inWords<Content extends RecordContent>(
  tx: SqlTransaction,
  pages: ReadonlyMap<Pseudonym, CutPage<Content>>,
): Promise<ReadonlyMap<Pseudonym, CutPage<Content>>> {
  const records = await withDisplays(
    tx,
    [...pages.values()].flatMap((page) => page.records),
  );
  let start = 0;
  const worded = [...pages].map(([pseudonym, page]) => {
    const end = start + page.records.length;
    const own = records.slice(start, end);
    start = end;
    return [pseudonym, { ...page, records: own }] as const;
  });
  return new Map(worded);
}

function byPseudonym<Row extends { readonly pseudonym: Pseudonym }>(
  rows: readonly Row[],
): ReadonlyMap<Pseudonym, readonly Row[]> {
  const map = new Map<Pseudonym, Row[]>();
  for (const row of rows) {
    const own = map.get(row.pseudonym);
    if (own === undefined) map.set(row.pseudonym, [row]);
    else own.push(row);
  }
  return map;
}
