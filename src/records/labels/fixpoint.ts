/** A link between two nodes, each by its place in a list. */
export interface LabelLink {
  readonly holder: number;
  readonly held: number;
  /** Whether the holder labels what it holds. */
  readonly covers: boolean;
}

/**
 * The labels of each node over the links between them: first down those that cover, then up all of
 * them. A node is looked at again only when it gained a label, of which there are few, so that
 * neither a long chain nor a circle costs more than its links.
 *
 * @param nodes - with the labels of their own, a bit each, up to bit 32.
 * @returns in the order of the nodes.
 */
export function labelsOverLinks(
  nodes: readonly { readonly own: number }[],
  links: readonly LabelLink[],
): readonly bigint[] {
  const labels = nodes.map(({ own }) => BigInt(own));
  const covering = links.filter(({ covers }) => covers);
  spread(
    labels,
    covering.map(({ holder, held }) => [holder, held]),
  );
  spread(
    labels,
    links.map(({ holder, held }) => [held, holder]),
  );
  return labels;
}

type Way = readonly [from: number, to: number];

function spread(labels: bigint[], ways: readonly Way[]): void {
  const next = new Map<number, number[]>();
  for (const [from, to] of ways) {
    const known = next.get(from);
    if (known === undefined) next.set(from, [to]);
    else known.push(to);
  }
  const open = [...next.keys()].filter((at) => labels[at] !== 0n);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const given = labels[at] ?? 0n;
    for (const to of next.get(at) ?? []) {
      const before = labels[to] ?? 0n;
      if ((before | given) === before) continue;
      labels[to] = before | given;
      open.push(to);
    }
  }
}
