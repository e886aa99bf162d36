import type { Permit } from '../../../src/consent/gate/permit.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { isoFromSeconds, secondsFromIso } from '../../../src/core/time.js';
import { encodeCursor } from '../../../src/graph/page.js';
import { KIND_NAMES, KINDS, type KindName } from '../../../src/records/kinds/kinds.js';
import { RECORD_CLASSES, type RecordClass } from '../../../src/records/model/model.js';
import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { handleOf } from '../../../src/zk/leaf.js';
import { DAY, now } from '../consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../names.js';
import { type PageArguments, ROW_NAMES, type RowName } from './attack-paths.js';
import { ANA, ANA_ELSEWHERE, BEN, CLEO, DAY_OF_ROWS, type Whom } from './attack-people.js';

type Change = Partial<Permit>;
export type Hospital = typeof RIVERSIDE | typeof LAKESHORE;

/** What someone has shown, and where. */
export interface Shown {
  readonly permits: readonly Permit[];
  readonly at: readonly Hospital[];
  /** The root that all of it was proven under has ended. */
  readonly stale?: boolean;
}

/** Ids and cursors that an attacker has seen in answers to others. */
export interface Seen {
  /** How the first row of Cleo's ended her page, for a caller who may read her. */
  readonly cursorOf: ReadonlyMap<KindName, string>;
  /** An id of Ben's at Lakeshore. */
  readonly idOf: ReadonlyMap<KindName, string>;
}

/** Someone who wants rows that they have no right to. */
export interface Attack {
  readonly name: string;
  readonly whom: Whom;
  /** What the attacker has shown, and which rows that gives no right to. */
  readonly attempts: readonly Attempt[];
  /** What a caller who may read the same rows has shown. */
  readonly rightful: Shown;
  readonly page?: (kind: KindName, seen: Seen) => PageArguments;
}

interface Attempt {
  /** Undefined: asks without a token. */
  readonly shown: Shown | undefined;
  readonly rows: readonly RowName[];
}

const day = secondsFromIso(`${DAY_OF_ROWS}T00:00:00Z`);
const isoDay = (days: number) => isoFromSeconds(day + days * DAY);

/** Published at both hospitals before anybody asks. */
export const PUBLISHED_SECRET = fieldOf('a secret that is published');

/** All classes, exact dates, all time until now, for another day: whatever an attack does not change. */
export function permitFor({ study, pseudonym }: Whom, change: Change = {}): Permit {
  return {
    study: study as Permit['study'],
    pseudonym: toPseudonym(pseudonym),
    handle: '77',
    purpose: 'HRESCH',
    dataClasses: RECORD_CLASSES,
    labels: [],
    dataWindow: { from: 0, until: now },
    expires: now + DAY,
    ...change,
  };
}

export const shownFor = (whom: Whom, change: Change = {}, more: Partial<Shown> = {}): Shown => ({
  permits: [permitFor(whom, change)],
  at: [RIVERSIDE],
  ...more,
});

const coarse: readonly RecordClass[] = RECORD_CLASSES.filter(
  (dataClass) => dataClass !== 'EXACT_DATE',
);
/** Every other class, so that each lies outside of one of the two scopes. */
const classesOf = (half: number) => coarse.filter((_, n) => n % 2 === half);
const classOf = (name: RowName): RecordClass =>
  name === 'demographics' ? 'DEMOGRAPHICS' : KINDS[name].dataClass;
const once = (shown: Shown | undefined): readonly Attempt[] => [{ shown, rows: ROW_NAMES }];
/** Demographics have neither date nor label here. */
const dated = (shown: Shown): readonly Attempt[] => [{ shown, rows: KIND_NAMES }];
/** What a real proof opened, presented by the key that it was made for. */
export const PROVEN: Shown = { permits: [], at: [] };
/** The same proof, presented by another key. */
export const OVERHEARD: Shown = { permits: [], at: [] };

const aboutAna = { whom: ANA, rightful: PROVEN };
const aboutCleo = {
  whom: CLEO,
  attempts: dated(shownFor(CLEO)),
  rightful: shownFor(CLEO, { labels: ['PSY'] }),
};

export const ATTACKS: readonly Attack[] = [
  { ...aboutAna, name: 'an overheard proof', attempts: once(OVERHEARD) },
  { ...aboutAna, name: 'no token', attempts: once(undefined) },
  { ...aboutAna, name: 'the token of another holder', attempts: once(shownFor(BEN)) },
  { ...aboutAna, name: 'a permit of another study', attempts: once(shownFor(ANA_ELSEWHERE)) },
  {
    name: 'the pseudonym of another study',
    whom: ANA_ELSEWHERE,
    attempts: once(shownFor(ANA)),
    rightful: shownFor(ANA_ELSEWHERE),
  },
  {
    ...aboutAna,
    name: "this study's pseudonym under another study's consent",
    attempts: once(shownFor({ ...ANA_ELSEWHERE, pseudonym: ANA.pseudonym })),
  },
  {
    ...aboutAna,
    name: 'a class outside the scope',
    attempts: [0, 1].map((half) => ({
      shown: shownFor(ANA, { dataClasses: classesOf(half) }),
      rows: ROW_NAMES.filter((name) => classesOf(1 - half).includes(classOf(name))),
    })),
  },
  {
    ...aboutAna,
    name: 'a date outside the window',
    attempts: dated(shownFor(ANA, { dataWindow: { from: day + 2 * DAY, until: now } })),
  },
  { ...aboutCleo, name: 'a labelled row' },
  { ...aboutAna, name: 'an expired consent', attempts: once(shownFor(ANA, { expires: now })) },
  {
    ...aboutAna,
    name: 'a withdrawn consent',
    attempts: once(shownFor(ANA, { handle: String(handleOf(PUBLISHED_SECRET)) })),
  },
  {
    ...aboutAna,
    name: 'a root that has ended',
    attempts: once(shownFor(ANA, {}, { stale: true })),
  },
  {
    ...aboutAna,
    name: 'a consent shown to another institution',
    attempts: once(shownFor(ANA, {}, { at: [LAKESHORE] })),
  },
  {
    ...aboutAna,
    name: 'the day, by a filter that is narrowed',
    attempts: dated(shownFor(ANA, { dataClasses: coarse })),
    page: (kind) => ({
      where: { [KINDS[kind].filter.range]: { from: isoDay(0), until: isoDay(1) } },
    }),
  },
  {
    ...aboutAna,
    name: 'the day, by a cursor that is moved',
    attempts: dated(shownFor(ANA, { dataClasses: coarse })),
    page: () => ({ after: encodeCursor([String(day - 1), '', '']) }),
  },
  {
    ...aboutCleo,
    name: "the cursor of another's page",
    page: (kind, { cursorOf }) => ({ after: cursorOf.get(kind) ?? '' }),
  },
  {
    ...aboutCleo,
    name: "a cursor with another custodian's id",
    page: (kind, { idOf }) => ({
      after: encodeCursor([String(day - 1), LAKESHORE, idOf.get(kind) ?? '']),
    }),
  },
];
