/**
 * npx tsx test/vectors/write-vectors.ts: writes the vectors here with other implementations than those of
 * src, from the encodings that the protocol states. It imports nothing of src and nothing of circuits, and
 * running it again changes nothing. Poseidon is poseidon-lite's (src has circomlibjs's); keys and signatures
 * are circomlibjs's (src has those of @noble/curves).
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { buildEddsa } from 'circomlibjs';
import * as poseidonLite from 'poseidon-lite';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
/** A package and its version, which package.json pins. */
const versionOf = (name: string) =>
  `${name} ${manifest.dependencies[name] ?? manifest.devDependencies[name]}`;
const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const PLAIN = Object.entries(poseidonLite) as unknown as readonly [
  string,
  (of: readonly bigint[]) => bigint,
][];

function poseidon(inputs: readonly bigint[]): bigint {
  const hash = PLAIN.find(([name]) => name === `poseidon${inputs.length}`)?.[1];
  if (hash === undefined) throw new Error(`no hash of ${inputs.length}`);
  return hash(inputs);
}

/** The first 31 bytes of the SHA-256 of a text, big-endian. */
function field(text: string): bigint {
  const digest = createHash('sha256').update(text, 'utf8').digest('hex');
  return BigInt(`0x${digest.slice(0, 62)}`);
}

const pack = (from: bigint, until: bigint) => from * 2n ** 64n + until;

function write(name: string, vectors: object): void {
  const text = JSON.stringify(
    vectors,
    (_, value) => (typeof value === 'bigint' ? `${value}` : value),
    2,
  );
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${text}\n`);
}

function poseidonVectors() {
  const edges = [0n, 1n, R - 1n, 2n ** 64n, 2n ** 248n - 1n];
  const hashes = Array.from({ length: 16 }, (_, i) => {
    const inputs = Array.from({ length: i + 1 }, (_, j) => edges[(i + j) % edges.length] ?? 0n);
    return { inputs, hash: poseidon(inputs) };
  });
  return { source: `${versionOf('poseidon-lite')}, by write-vectors.ts`, hashes };
}

async function eddsaVectors() {
  const eddsa = await buildEddsa();
  const plain = (element: Uint8Array) => eddsa.F.toObject(element);
  const signatures = [1, 7, 255].flatMap((fill) =>
    [0n, 1n, R - 1n, field('a message')].map((message) => {
      const seed = new Uint8Array(32).fill(fill);
      const [ax, ay] = eddsa.prv2pub(seed).map(plain);
      const { R8, S } = eddsa.signPoseidon(seed, eddsa.F.e(message));
      const [r8x, r8y] = R8.map(plain);
      return { seed: Buffer.from(seed).toString('hex'), ax, ay, message, r8x, r8y, s: S };
    }),
  );
  return { source: `${versionOf('circomlibjs')}, by write-vectors.ts`, signatures };
}

/** Every value that a leaf, a name or a request of the protocol derives, from the values written here. */
function leafVectors() {
  const validity = { from: 3_999_000_000n, until: 2n ** 64n - 1n };
  const dataWindow = { from: 0n, until: 1n };
  const names = { empty: field('assent/empty-leaf'), institution: field('riverside-hospital') };
  const study = field('pilot|northwind-trials|NCT00000001');
  const [g, withdrawalKey, serial, period] = [field('g'), field('withdrawal key'), 3n, 46_296n];
  const [ax, ay, salt, policy, party] = [R - 1n, 12n, field('salt'), field('text'), field('party')];
  const [scope, duties, roles, grants] = [2n ** 96n - 1n, 2n ** 32n - 1n, 255n, 65_535n];
  const pseudonym = poseidon([1n, ax, ay]);
  const requester = poseidon([2n, g]);
  const w = poseidon([4n, withdrawalKey, serial]);
  const handle = poseidon([3n, w]);
  const [valid, window] = [validity, dataWindow].map(({ from, until }) => pack(from, until)) as [
    bigint,
    bigint,
  ];
  const consent = poseidon([
    ...[5n, pseudonym, requester, study, names.institution, scope, duties, valid, window],
    ...[policy, serial, handle, salt],
  ]);
  const accreditation = poseidon([6n, requester, roles, study, party, valid, salt]);
  const formerIssuer = poseidon([7n, ax, ay, valid, grants]);
  const issuers = [0, 1, 4, 5, 8].map((count) =>
    issuerVector(count, { ax, ay, ...validity, grants }),
  );
  const issuer = issuers[0]?.leaf ?? 0n;
  const expires = 2n ** 64n - 1n;
  return {
    source: `${versionOf('poseidon-lite')} and node:crypto, by write-vectors.ts`,
    given: {
      study,
      g,
      withdrawalKey,
      serial,
      period,
      ax,
      ay,
      salt,
      policy,
      party,
      scope,
      duties,
      ...{
        roles,
        grants,
        validity,
        dataWindow,
        expires,
        role: 'RESEARCHER',
        code: 'K7-4431',
        at: 4_000_000_000n,
        holder: field('holder'),
      },
    },
    derived: {
      ...names,
      pseudonym,
      requester,
      w,
      handle,
      consent,
      accreditation,
      issuer,
      formerIssuer,
      slot: poseidon([accreditation, issuer]),
      nullifier: poseidon([9n, g, study, period]),
      link: poseidon([10n, names.institution, field('K7-4431')]),
      list: poseidon([11n, names.institution, 4_000_000_000n, field('holder')]),
      backup: poseidon([
        ...[11n, names.institution, field('assent/backup'), study, 3n],
        ...[4n, field('copy')],
      ]),
      backupRead: poseidon([
        ...[11n, names.institution, field('assent/backup-read'), study],
        ...[4_000_000_000n, field('holder')],
      ]),
      erase: poseidon([11n, names.institution, field('assent/erase'), 2n, field(`${w}|5`)]),
      consentRequest: poseidon([8n, names.institution, study, scope, duties, window, expires]),
      accreditationRequest: poseidon([8n, 0n, study, party, period]),
    },
    issuers,
  };
}

/** An issuer leaf with so many parties, in its first term and in later ones. */
function issuerVector(
  count: number,
  {
    ax,
    ay,
    from,
    until,
    grants,
  }: Readonly<Record<'ax' | 'ay' | 'from' | 'until' | 'grants', bigint>>,
) {
  const id = 'riverside-hospital';
  const parties = Array.from({ length: count }, (_, i) => `urn:epc:id:pgln:0614141.0000${i}`);
  const term = BigInt(count + 1);
  const [p1, p2, p3, p4, ...others] = padded(parties.map(field), 8);
  const listed = poseidon([poseidon([17n, p1, p2, p3, p4].map((one) => one ?? 0n)), ...others]);
  const mandate = poseidon([16n, pack(from, until), grants, listed, term]);
  const leaf = poseidon([15n, field(id), ax, ay, mandate]);
  return { id, ax, ay, validFrom: from, validUntil: until, grants, parties, term, leaf };
}

interface Row {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly group: number;
}

/** Recomputes what eligibility.json derives; its facts and rows stay. */
function eligibilityVectors() {
  const given = JSON.parse(readFileSync(new URL('eligibility.json', import.meta.url), 'utf8'));
  const { pseudonym, facts, validity, salt } = given.credential;
  const numberOf = (value: string) => (value === 'ABSENT' ? R - 1n : BigInt(value));
  const pairs = facts.flatMap((one: Row) => [BigInt(one.key), numberOf(one.value)]);
  const factsHash = listHash(13n, padded(pairs, 64));
  const valid = pack(BigInt(validity.from), BigInt(validity.until));
  const message = poseidon([12n, BigInt(pseudonym), factsHash, valid, BigInt(salt)]);
  const { trial, requester, criteria } = given.request;
  const request = poseidon([8n, BigInt(trial), criteriaHash(criteria), BigInt(requester)]);
  return {
    source: `${versionOf('poseidon-lite')} and node:crypto, by write-vectors.ts`,
    credential: { ...given.credential, factsHash, message },
    criteria: given.criteria.map((one: { rows: Row[] }) => ({
      ...one,
      hash: criteriaHash(one.rows),
    })),
    request: { ...given.request, hash: request },
  };
}

function criteriaHash(rows: readonly Row[]): bigint {
  const operators = ['PRESENT', 'ABSENT', 'EQUAL', 'NOT_EQUAL', 'AT_LEAST', 'AT_MOST'];
  const rules = rows.map(
    ({ operator, group }) => (1n << BigInt(operators.indexOf(operator))) | (64n << BigInt(group)),
  );
  const packed = rules.reduce((sum, rule, row) => sum + (rule << BigInt(14 * row)), 0n);
  const columns = [rows.map(({ key }) => BigInt(key)), rows.map(({ value }) => BigInt(value))];
  return listHash(14n, [BigInt(rows.length), packed, ...columns.flatMap((one) => padded(one, 16))]);
}

function listHash(kind: bigint, elements: readonly bigint[]): bigint {
  let hash = kind;
  for (let from = 0; from < elements.length; from += 15) {
    hash = poseidon([hash, ...elements.slice(from, from + 15)]);
  }
  return hash;
}

const padded = (list: readonly bigint[], count: number) =>
  Array.from({ length: count }, (_, i) => list[i] ?? 0n);

write('poseidon', poseidonVectors());
write('eddsa', await eddsaVectors());
write('leaves', leafVectors());
write('eligibility', eligibilityVectors());
