import { type GraphQLField, getNamedType, isNonNullType } from 'graphql';
import { encodePlaces } from '../../../src/consent/answers/withdrawals/model.js';
import { toPublicKey } from '../../../src/consent/registration/parse-signed-consent.js';
import { canonicalJson } from '../../../src/core/canonical-json.js';
import { EVIDENCE_FORM, EVIDENCE_KINDS } from '../../../src/core/evidence/evidence.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { idOfDisclosure } from '../../../src/graph/node/id.js';
import { RECORD_CLASSES } from '../../../src/records/model/model.js';
import { pseudonymOf } from '../../../src/zk/leaf.js';
import { hashOf } from './random.js';
import type { Told } from './told.js';

/** What a rule is asked about. */
interface Asked {
  readonly parent: Told;
  readonly args: Readonly<Record<string, unknown>>;
  readonly key: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/** What a node says of a field; undefined: what its type allows. */
type Rule = (asked: Asked) => unknown;

const HEX = (hash: number, digits: number) =>
  hash.toString(16).padStart(8, '0').repeat(17).slice(0, digits);
const bytes32 = (text: string) => `0x${HEX(hashOf(text), 64)}`;
const fieldOf = (hash: number) => String(1 + (hash % 1_000_000));

/** Scalars, as strict readers of a node's answer take them. */
export const LEAVES: Readonly<Record<string, (hash: number, key: string) => unknown>> = {
  Int: (hash) => hash % 90,
  Float: (hash) => (hash % 90) / 4,
  Boolean: (hash) => hash % 2 === 0,
  String: (hash) => `text ${hash % 100}`,
  ID: (hash) => `id-${String(hash % 100).padStart(16, '0')}`,
  Date: (hash) => `20${10 + (hash % 15)}-0${1 + (hash % 9)}-1${hash % 10}`,
  DateTime: (hash) => `20${10 + (hash % 15)}-0${1 + (hash % 9)}-1${hash % 10}T00:00:00Z`,
  Decimal: (hash) => `${hash % 100}.${hash % 10}`,
  URI: (hash) => `http://loinc.org/${hash % 10}`,
  Field: fieldOf,
  JSONObject: (hash) => ({ of: hash % 10, nothing: null, list: [1, { a: 'b' }] }),
};

const NAMES = ['riverside-hospital', 'summit-pharma', 'not-of-this-network'];
const EPCS = ['urn:epc:id:gid:1.1.1', 'urn:x:carton:1', 'urn:x:pallet:2'];

/** Who is spoken of: an institution speaks for itself wherever its answer is read so. */
const member: Rule = ({ key }) => {
  const hash = hashOf(key);
  return hash % 3 === 0 ? null : { id: NAMES[hash % NAMES.length] };
};

/** What the nodes were sent, by the root field that leads here. */
function sentOf(told: Told | undefined): number {
  if (told === undefined) return 0;
  const { secrets, input, erasure } = told.args as {
    readonly secrets?: readonly unknown[];
    readonly input?: { readonly proofs: readonly unknown[] };
    readonly erasure?: { readonly secrets: readonly unknown[] };
  };
  return (secrets ?? input?.proofs ?? erasure?.secrets)?.length ?? sentOf(told.parent);
}

function saidAbove(told: Told | undefined, name: string): unknown {
  if (told === undefined) return undefined;
  return told.said[name] ?? saidAbove(told.parent, name);
}

function argumentAbove(told: Told | undefined, name: string): unknown {
  if (told === undefined) return undefined;
  return told.args[name] ?? argumentAbove(told.parent, name);
}

/** Of the participants that were named, those that this node has. */
function namedRows(pseudonyms: readonly string[], first: number, key: string): readonly object[] {
  return [...new Set(pseudonyms)]
    .filter((pseudonym) => hashOf(`${key}${pseudonym}`) % 3 > 0)
    .sort()
    .slice(0, first)
    .map((pseudonym) => ({ pseudonym }));
}

/** A page in order: rows are told by their place in it, and none comes after a cursor. */
const rowsOfPage: Rule = ({ parent, key, field }) => {
  const { first, after } = parent.args as { first?: number | null; after?: string | null };
  if (after !== undefined && after !== null) return [];
  const { pseudonyms } = (parent.args.where ?? {}) as { pseudonyms?: readonly string[] | null };
  if (pseudonyms) return namedRows(pseudonyms, first ?? 50, key);
  const most = parent.typeName === 'DemographicsConnection' ? 1 : (first ?? 50);
  const length = Math.min(most, hashOf(key) % 4);
  const row = getNamedType(field.type).name;
  return Array.from({ length }, (_, place) => {
    const drawn = hashOf(`${key}${place}`) % 2;
    if (row === 'Participant') return { pseudonym: String(100 + place * 10 + drawn) };
    const registered = `NCT9000000${place * 2 + drawn}`;
    if (row === 'Trial') return { id: registered };
    if (row === 'Study') return { registryId: registered };
    return undefined;
  });
};

/** A page that no row ends is the last. */
const edgesOfWithdrawals: Rule = ({ parent, key }) => {
  const { first, waitSeconds } = parent.args as { first: number; waitSeconds: number };
  const least = waitSeconds > 0 ? 1 : 0;
  return Array.from({ length: Math.min(first, least + (hashOf(key) % 3)) });
};

const anotherPage: Rule = ({ parent: { parent: page }, args, field }) => {
  if (page === undefined || page.typeName === 'DemographicsConnection') return false;
  // Withdrawals are asked for by their edges, all others by their nodes.
  const isOfEdges = page.typeName === 'WithdrawalConnection';
  const key = `${page.key}.${isOfEdges ? 'edges' : 'nodes'}${canonicalJson({})}`;
  const told = { parent: page, args, key, field };
  const rows = (isOfEdges ? edgesOfWithdrawals(told) : rowsOfPage(told)) as readonly unknown[];
  return rows.length === 0 ? false : undefined;
};

const year = (place: number) => 2001 + place;

/** A time that the row itself names, or none: rows are in its order. */
const timeOfRow: Rule = ({ parent, key, field }) => {
  const isPeriod = getNamedType(field.type).name === 'Period';
  if (!isPeriod) return undefined;
  if (hashOf(key) % 3 === 0) return isNonNullType(field.type) ? undefined : null;
  const from = `${year(parent.place)}-02-03T00:00:00Z`;
  return { from, until: `${year(parent.place)}-02-04T00:00:00Z` };
};

const refusals = (count: number) => Array.from({ length: count }, (_, index) => ({ index }));

/** What a node says beyond what its schema does: readers are strict with another's answer. */
export const RULES: Readonly<Record<string, Rule>> = {
  'Query._entities': ({ args, parent }) =>
    (args.representations as readonly { readonly __typename: string }[]).map((one) => {
      const isNullable = ['Participant', 'Trial'].includes(one.__typename);
      const isUnknown = hashOf(`${parent.key}${canonicalJson(one)}`) % 5 === 0;
      return isNullable && isUnknown ? null : one;
    }),
  // What one institution did for a wallet is an answer, or it is none.
  'Query.walletBackup': () => ({}),
  'Mutation.registerConsent': () => ({}),
  'Mutation.amendConsent': () => ({}),
  'Mutation.eraseConsents': () => ({}),
  'Mutation.linkParticipant': () => ({}),
  'Mutation.keepWalletBackup': () => ({}),
  'Institution.id': ({ parent }) => parent.institution,
  'Trial.sponsor': member,
  'Site.institution': member,
  'Trial.id': ({ key }) => `NCT9${String(hashOf(key) % 10_000_000).padStart(7, '0')}`,
  '*.partial': ({ key }) => ['note', 'dosage.text'].slice(hashOf(key) % 3),
  '*.timeOfDay': ({ key }) => ['08:00:00', '20:30:00'].slice(hashOf(key) % 3),
  '*.sources': ({ key }) => [{ status: hashOf(key) % 4 === 0 ? 'NOT_PRESENTED' : 'OK' }],
  '*.nodes': rowsOfPage,
  'PageInfo.hasNextPage': anotherPage,
  '*.effective': timeOfRow,
  '*.performed': timeOfRow,
  'Encounter.period': timeOfRow,
  '*.recorded': ({ parent, key }) =>
    parent.place === 0 && hashOf(key) % 2 === 0 ? null : `${year(parent.place)}-05`,
  'Period.from': ({ key }) => LEAVES.DateTime?.(hashOf(key), key),
  'Period.until': () => '2099-01-01T00:00:00Z',
  'Participant.pseudonym': ({ key }) => fieldOf(hashOf(key)),
  'Participant.withheld': ({ key }) => Array.from({ length: hashOf(key) % 3 }),
  'Participant.study': () => ({ registryId: 'NCT90000001' }),
  'Withheld.dataClass': ({ key }) => RECORD_CLASSES[hashOf(key) % RECORD_CLASSES.length],
  'Demographics.birthYear': ({ key }) => (hashOf(key) % 3 === 0 ? null : 1950 + (hashOf(key) % 60)),
  'Coding.system': ({ key }) => LEAVES.URI?.(hashOf(key), key),
  'Lot.gtin': () => '09521234000013',
  'Lot.lot': ({ key }) => (hashOf(key) % 3 === 0 ? ' ' : `L${hashOf(key) % 3}`),
  'Lot.product': ({ key }) => (hashOf(key) % 2 === 0 ? null : { gtin: '09521234000013' }),
  'Event.epcs': ({ key }) => EPCS.slice(0, hashOf(key) % 3),
  'Containment.child': ({ key }) => (hashOf(key) % 3 === 0 ? null : EPCS[0]),
  'Containment.parent': ({ key }) => EPCS[1 + (hashOf(key) % 2)],
  'Query.verifyProduct': ({ key }) => {
    const reasons = [null, 'NOT_FOUND', 'MISMATCH_LOT', 'MISMATCH_EXPIRY', 'RECALLED'];
    const reason = reasons[hashOf(key) % reasons.length];
    return { verified: reason === null, reason };
  },
  // Who is waited for tells at once: nothing happens later in this world.
  'WithdrawalConnection.edges': edgesOfWithdrawals,
  'WithdrawalEdge.cursor': ({ parent, key }) =>
    encodePlaces(new Map([[parent.institution, `place-${hashOf(key) % 100}`]])),
  'Withdrawal.pseudonym': ({ key }) => fieldOf(hashOf(key)),
  'Withdrawal.custodian': ({ parent }) => ({ id: parent.institution }),
  'Access.presented': ({ key }) => 1 + (hashOf(key) % 9),
  '*.outcomes': ({ parent, key }) => {
    const sent = sentOf(parent);
    const refused = hashOf(key) % (sent + 1);
    return [{ status: 'OK', refused: refusals(refused), accepted: sent - refused, held: [] }];
  },
  'Refusals.refused': () => refusals(1),
  'ErasureReceipt.erased': () => 0,
  'WalletBackupReceipt.sequence': ({ parent }) =>
    (argumentAbove(parent, 'backup') as { readonly sequence: number }).sequence,
  'WalletBackup.sequence': ({ parent }) => hashOf(parent.key) % 2,
  'WalletBackup.backup': ({ parent }) => (hashOf(parent.key) % 2 === 0 ? null : 'abcd'),
  'SignedAnswer.signature': ({ key }) => `0x${HEX(hashOf(key), 130)}`,
  '*.subtreeKey': ({ key }) => HEX(hashOf(key), 22),
  'LinkReceipt.pseudonym': ({ key }) => fieldOf(hashOf(key)),
  'Query.my': ({ args, key }) => {
    const { study, publicKey } = args as { study: string; publicKey: { ax: string; ay: string } };
    const pseudonym = toPseudonym(String(pseudonymOf(toPublicKey(publicKey))));
    return { study, pseudonym, refused: refusals(hashOf(key) % 6 === 0 ? 1 : 0) };
  },
  'OwnConsent.custodian': ({ parent, key }) =>
    hashOf(key) % 2 === 0 ? null : { id: parent.institution },
  'OwnParticipation.disclosures': () => ({}),
  'Disclosure.id': ({ parent }) =>
    idOfDisclosure({ custodian: parent.institution, id: parent.place + 1 }),
  'Disclosure.record': ({ parent, key }) => ({
    at: 4_000_000_000 - parent.place * 1_000,
    study: saidAbove(parent, 'study'),
    pseudonym: saidAbove(parent, 'pseudonym'),
    handle: fieldOf(hashOf(key) % 3),
    purpose: 'HRESCH',
    dataClass: RECORD_CLASSES[hashOf(key) % RECORD_CLASSES.length],
    count: 1 + (hashOf(key) % 9),
  }),
  'Evidence.leaf': ({ key }) => bytes32(key),
  'Evidence.proof': ({ key }) => proofOf(hashOf(key)),
  'Anchor.contract': () => `0x${'ab'.repeat(20)}`,
  'Anchor.chainId': () => 31_337,
  'Anchor.digest': ({ key }) => bytes32(key),
};

function proofOf(hash: number): object {
  const one = bytes32(String(hash));
  return {
    form: EVIDENCE_FORM,
    kind: EVIDENCE_KINDS[hash % EVIDENCE_KINDS.length],
    parts: { count: 1, outline: null, shown: [], hidden: [one] },
    inclusion: { index: 0, size: 1, path: [] },
    headSalt: one,
    digest: {
      chainId: 31_337,
      contract: `0x${'ab'.repeat(20)}`,
      slot: 1,
      round: 0,
      feedHead: one,
      disclosureHead: one,
      evidenceHead: one,
      pad: one,
    },
  };
}
