/** A link between two nodes, each by its index in the list. */
export interface LabelLink {
  readonly holder: number;
  readonly held: number;
  /** Whether the holder's labels apply to what it refers to. */
  readonly covers: boolean;
}

/**
 * Spreads labels over links: first down the covering links, then up all links. A node is visited
 * again only when it gains a label, of which there are few, so even long chains and cycles cost no
 * more than their links.
 *
 * @param nodes - each node's own labels, one bit each, up to bit 32.
 * @returns all labels of each node, in the same order.
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
