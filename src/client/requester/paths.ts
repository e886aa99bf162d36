import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { SUBTREE_KEY_HEADER } from '../../core/subtree-key.js';
import { fieldOf, institutionField, parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import { type IssuerFields, issuerLeaf, MAX_PARTIES } from '../../zk/leaf.js';
import { poseidon } from '../../zk/poseidon/poseidon.js';
import { networkRootOf, type RegisterPath, SHARD_LEVELS, TOP_LEVELS } from '../../zk/tree.js';
import { exchangeJson, type Fetch } from '../gateway/exchange.js';

/** Leaves are fetched 1,024 at a time, so that asking does not say for which one. */
export const SUBTREE_LEVELS = 10;
const SUBTREE_LEAVES = 2 ** SUBTREE_LEVELS;
const TOP_SLOTS = 2 ** TOP_LEVELS;

/** 1,024 leaves and 22 nodes of 77 digits come to 84 kB. */
const LIMITS = { timeoutMs: 10_000, maxBytes: 262_144 };

const Decimal = z
  .string()
  .max(77)
  .regex(/^(0|[1-9][0-9]*)$/);
const IssuerForm = z.object({
  ax: Decimal,
  ay: Decimal,
  validFrom: Decimal,
  validUntil: Decimal,
  grants: Decimal,
  parties: z.array(z.string().max(64)).max(MAX_PARTIES),
  term: Decimal,
});
const RefusedForm = z.object({ code: z.literal('SUBTREE_KEY_REQUIRED') });
const AnswerForm = z.object({
  institution: z.string(),
  slot: z
    .number()
    .int()
    .min(0)
    .max(TOP_SLOTS - 1),
  issuer: IssuerForm,
  leaves: z.array(Decimal).length(SUBTREE_LEAVES),
  siblings: z.array(Decimal).length(SHARD_LEVELS - SUBTREE_LEVELS),
  topSiblings: z.array(Decimal).length(TOP_LEVELS),
  root: Decimal,
});

/**
 * 1,024 neighbouring leaves of one shard, whose hashes up to the network root were recomputed here.
 */
export interface FetchedSubtree {
  readonly institution: InstitutionId;
  /** The network root that all its paths lead to. */
  readonly root: bigint;
  /** The issuer fields next to the shard in its slot; the proof of an accreditation opens them. */
  readonly issuer: IssuerFields;
  /**
   * The path of a leaf.
   *
   * @param index - of the leaf in the shard.
   * @throws LEAF_NOT_ANCHORED if there is another leaf, or none, at that index.
   */
  pathOf(leaf: bigint, index: number): RegisterPath;
}

/** Where the paths of a register are fetched. */
export interface PathSource {
  readonly fetch: Fetch;
  /** URL of the registering institution's node, without a trailing slash. */
  readonly endpoint: string;
  readonly institution: InstitutionId;
  /**
   * Whether a root is on the ledger, for callers that can read the chain; the gate checks it again.
   */
  readonly acceptsRoot?: (root: bigint) => boolean | Promise<boolean>;
}

/** The index of a leaf and the key for its paths, as in its package. */
export interface LeafPlace {
  /** Index in the shard, from 0. */
  readonly index: number;
  readonly subtreeKey: string;
}

/**
 * Fetches the subtree that contains a leaf and recomputes every hash, trusting none. The request is
 * the same for all 1,024 leaves, so it does not reveal which one is meant.
 *
 * @throws SUBTREE_KEY_REQUIRED if the node does not accept the key; PATH_INVALID if the hashes do
 *   not lead to the claimed root, or to one that is not accepted; SOURCE_FAILED
 */
export async function fetchSubtree(
  source: PathSource,
  { index, subtreeKey }: LeafPlace,
): Promise<FetchedSubtree> {
  const number = Math.floor(index / SUBTREE_LEAVES);
  const url = `${source.endpoint}/register/subtree/${number}`;
  const headers = { [SUBTREE_KEY_HEADER]: subtreeKey };
  const { json } = await exchangeJson(source.fetch, url, { headers }, LIMITS);
  if (RefusedForm.safeParse(json).success) throw new DomainError('SUBTREE_KEY_REQUIRED');
  const subtree = parseSubtree(json, number);
  if (subtree.institution !== source.institution) throw new DomainError('PATH_INVALID');
  const accepted = (await source.acceptsRoot?.(subtree.root)) ?? true;
  if (!accepted) throw new DomainError('PATH_INVALID', { root: 'not accepted' });
  return subtree;
}

/**
 * Reads the answer of GET /register/subtree/:number.
 *
 * @throws PATH_INVALID; SOURCE_FAILED for another shape; what issuerLeaf throws for an invalid
 *   issuer.
 */
export function parseSubtree(json: unknown, number: number): FetchedSubtree {
  const parsed = AnswerForm.safeParse(json);
  if (!parsed.success) throw new DomainError('SOURCE_FAILED', { subtree: number });
  const { slot } = parsed.data;
  const institution = toInstitutionId(parsed.data.institution);
  const issuer = issuerOf(institution, parsed.data.issuer);
  const elements = (texts: readonly string[]) => texts.map(parseCanonicalDecimal);
  const levels = hashUpwards(elements(parsed.data.leaves));
  const above = elements(parsed.data.siblings);
  const hashedIssuer = issuerLeaf(issuer);
  const root = parseCanonicalDecimal(parsed.data.root);
  const topSiblings = elements(parsed.data.topSiblings);
  const pathAt = (index: number): RegisterPath => ({
    shardSiblings: [...siblingsWithin(levels, index % SUBTREE_LEAVES), ...above],
    index,
    issuerLeaf: hashedIssuer,
    topSiblings,
    slot,
  });
  const leafAt = (index: number) => levels[0]?.[index - number * SUBTREE_LEAVES];
  // One path is enough: all share everything above the subtree, whose hashes were computed here.
  const first = number * SUBTREE_LEAVES;
  if (networkRootOf(leafAt(first) ?? 0n, pathAt(first)) !== root) {
    throw new DomainError('PATH_INVALID');
  }
  return {
    institution,
    root,
    issuer,
    pathOf(leaf, index) {
      if (leafAt(index) !== leaf) throw new DomainError('LEAF_NOT_ANCHORED', { index });
      return pathAt(index);
    },
  };
}

function issuerOf(institution: InstitutionId, told: z.output<typeof IssuerForm>): IssuerFields {
  const validity = {
    from: parseCanonicalDecimal(told.validFrom),
    until: parseCanonicalDecimal(told.validUntil),
  };
  return {
    institution: institutionField(institution),
    ax: parseCanonicalDecimal(told.ax),
    ay: parseCanonicalDecimal(told.ay),
    validity,
    grants: parseCanonicalDecimal(told.grants),
    parties: told.parties.map(fieldOf),
    term: parseCanonicalDecimal(told.term),
  };
}

/** All levels of the subtree, leaves first, without the subtree's root. */
function hashUpwards(leaves: readonly bigint[]): readonly (readonly bigint[])[] {
  const levels = [leaves];
  let below = leaves;
  while (below.length > 2) {
    const nodes: bigint[] = [];
    for (let left = 0; left < below.length; left += 2)
      nodes.push(poseidon(below.slice(left, left + 2)));
    levels.push(nodes);
    below = nodes;
  }
  return levels;
}

function siblingsWithin(levels: readonly (readonly bigint[])[], place: number): readonly bigint[] {
  return levels.map((nodes, level) => {
    const position = Math.floor(place / 2 ** level);
    return nodes[position % 2 === 0 ? position + 1 : position - 1] ?? 0n;
  });
}
