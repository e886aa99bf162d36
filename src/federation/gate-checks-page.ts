import { GATE_CHECKS, type GateCheck } from '../consent/gate/gate-checks.js';

/** schema/gate-checks.md, printed from the list that the gate itself runs. */
export function gateChecksPage(): string {
  const rows = GATE_CHECKS.map((check) =>
    [
      '',
      check.name,
      check.holds,
      check.codes.map((code) => `\`${code}\``).join(', '),
      check.needs,
      check.statements.join(', '),
      againOf(check),
      '',
    ]
      .join(' | ')
      .trim(),
  );
  return `# The gate's checks

Each node takes every proof that it is shown through these checks, in this order, from the cheapest to the most
expensive. The first that does not hold refuses the proof by a code; the other proofs of the presentation go on.
What was accepted opens rows. With every request that asks for rows, the checks of the last column are asked again,
because their answer may have changed since: a presentation that one of them fails opens nothing, and nothing says why.

| check | what holds | refuses with | needs | statements | asked again |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Before the first check: there are 1 to 1,000 proofs, the caller has its turn, and the request's plaintext can be read.
[The protocol](../docs/protocol.md), [all codes](error-codes.md).
`;
}

function againOf({ stands, where, requireDecidable }: GateCheck): string {
  if (stands !== undefined) return 'memory';
  if (where !== undefined) return 'database';
  return requireDecidable === undefined
    ? ''
    : 'memory: no consent opens anything while it does not hold';
}
