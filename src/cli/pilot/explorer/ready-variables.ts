import { packKey } from '../../../supply/gs1.js';
import type { QueryFacts } from '../first-queries.js';
import type { PersonaName } from '../personas.js';

/**
 * Variables of the ready operations that only this installation knows: its packs, by its seed and its first start.
 * What a participant signed, and the secret that withdraws, are on her page alone.
 */
export function readyVariables(
  persona: PersonaName,
  { pack, mine, secret }: QueryFacts,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const { gtin, serial, lot } = pack;
  const epc = packKey(gtin, serial).uri;
  const own =
    persona === 'participant'
      ? { my: { ...mine }, withdraw: secret === undefined ? {} : { secrets: [secret] } }
      : {};
  return {
    everything: { gtin, lot },
    lot: { gtin, lot },
    'trace-evidence': { epc },
    'trace-pack': { epc },
    'verify-pack': { ...pack },
    ...own,
  };
}
