import { sql } from 'drizzle-orm';
import type { StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import type { ConsentFields } from '../../zk/leaf.js';
import { erasedMarksOf } from '../erasure/erased-mark.js';

/** What is known of one consent's predecessors, erased ones included. */
export interface PriorConsent {
  /** Undefined for a study that this node does not know. */
  readonly study: StudyId | undefined;
  /** Whether a patient here is linked with the pseudonym. */
  readonly linked: boolean;
  /** Whether the key has answered a link code, and the patient has not confirmed it yet. */
  readonly waiting: boolean;
  /** When the proxy's time ends who holds the key; null for the patient's own, or without a date. */
  readonly proxyUntil: Seconds | null;
  /** Of this pseudonym for this requester; undefined if there was none. */
  readonly highestSerial: bigint | undefined;
  readonly handleUsed: boolean;
  /** Places of the shard that the pseudonym has taken. */
  readonly leaves: number;
}

type Kind = 'study' | 'linked' | 'waiting' | 'leaves' | 'serial' | 'handle' | 'mark';

interface Known {
  readonly serial: bigint;
  readonly leaves: number;
  readonly value: string;
}

/** What this node knows that decides on registering some consents, and those that joined since. */
class PriorConsents {
  readonly #known = new Map<string, Known>();

  constructor(rows: readonly PriorConsentRow[]) {
    for (const { kind, key, value, serial, leaves } of rows) {
      this.#known.set(nameOf(kind, key), { value, serial: BigInt(serial), leaves });
    }
  }

  of(fields: ConsentFields): PriorConsent {
    const { pseudonym, requester, handle } = textsOf(fields);
    const marks = erasedMarksOf({ pseudonym, requester, handle });
    const study = this.#get('study', String(fields.study))?.value as StudyId | undefined;
    const link = this.#get('linked', `${study}|${pseudonym}`);
    const living = this.#get('serial', `${pseudonym}|${requester}`)?.serial;
    const erased = this.#get('mark', marks.requester)?.serial;
    const used = this.#get('handle', `${pseudonym}|${handle}`) ?? this.#get('mark', marks.handle);
    return {
      study,
      linked: link !== undefined,
      waiting: this.#get('waiting', `${study}|${pseudonym}`) !== undefined,
      proxyUntil: link === undefined || link.value === '' ? null : Number(link.value),
      highestSerial: higherOf(living, erased),
      handleUsed: used !== undefined,
      leaves: this.#leavesOf(pseudonym) + (this.#get('mark', marks.participant)?.leaves ?? 0),
    };
  }

  /** Counts one that is registered in the same transaction. */
  add(fields: ConsentFields): void {
    const { pseudonym, requester, handle } = textsOf(fields);
    const joined = { serial: fields.serial, leaves: 1, value: '' };
    this.#known.set(nameOf('serial', `${pseudonym}|${requester}`), joined);
    this.#known.set(nameOf('handle', `${pseudonym}|${handle}`), joined);
    const leaves = this.#leavesOf(pseudonym) + 1;
    this.#known.set(nameOf('leaves', pseudonym), { serial: 0n, leaves, value: '' });
  }

  #leavesOf(pseudonym: string): number {
    return this.#get('leaves', pseudonym)?.leaves ?? 0;
  }

  #get(kind: Kind, key: string): Known | undefined {
    return this.#known.get(nameOf(kind, key));
  }
}

type PriorConsentRow = {
  readonly kind: Kind;
  readonly key: string;
  readonly value: string;
  readonly serial: string;
  readonly leaves: number;
};

/**
 * All of it in one statement for any number of consents: registering waits for each round trip, under
 * a lock. A union of plain look-ups, because planning a join costs more than these.
 */
export async function readPriorConsents(
  tx: SqlTransaction,
  consents: readonly ConsentFields[],
): Promise<PriorConsents> {
  const texts = consents.map(textsOf);
  const pseudonyms = anyOf(texts.map(({ pseudonym }) => pseudonym));
  const handles = anyOf(texts.map(({ handle }) => handle));
  const marks = anyOf(texts.flatMap((one) => Object.values(erasedMarksOf(one))));
  const studies = anyOf(consents.map(({ study }) => String(study)));
  const result = await tx.execute(sql`
    SELECT 'study' AS kind, field AS key, id AS value, '0' AS serial, 0 AS leaves
      FROM study WHERE field = ${studies}
    UNION ALL SELECT 'linked', study || '|' || pseudonym, coalesce(proxy_until::text, ''),
      '0', 0
      FROM research_subject WHERE pseudonym = ${pseudonyms}
    UNION ALL SELECT 'waiting', study || '|' || pseudonym, '', '0', 0
      FROM link_code WHERE pseudonym = ${pseudonyms} AND confirmed_at IS NULL
    UNION ALL SELECT 'leaves', pseudonym, '', '0', count(*)::int
      FROM consent WHERE pseudonym = ${pseudonyms} GROUP BY pseudonym
    UNION ALL SELECT 'serial', pseudonym || '|' || requester, '', max(serial)::text, 0
      FROM consent WHERE pseudonym = ${pseudonyms} GROUP BY pseudonym, requester
    UNION ALL SELECT 'handle', pseudonym || '|' || handle, '', '0', 0
      FROM consent WHERE pseudonym = ${pseudonyms} AND handle = ${handles}
    UNION ALL SELECT 'mark', mark, '', serial::text, leaves
      FROM erased_mark WHERE mark = ${marks}`);
  return new PriorConsents(rowsOf<PriorConsentRow>(result));
}

function higherOf(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}

function textsOf({ pseudonym, requester, handle }: ConsentFields) {
  return { pseudonym: String(pseudonym), requester: String(requester), handle: String(handle) };
}

function nameOf(kind: Kind, key: string): string {
  return `${kind} ${key}`;
}

/** The values are decimals or hashes, so that no separator is among them. */
function anyOf(values: readonly string[]) {
  return sql`ANY(string_to_array(${[...new Set(values)].join(',')}::text, ','))`;
}
