import { packKey } from '../../../supply/gs1.js';
import type { QueryFacts } from '../first-queries.js';
import type { PersonaName } from '../personas.js';

/**
 * Variables of the ready-made operations that depend on this installation: its packs, derived from
 * its seed and its first start. A participant's signatures and withdrawal secret are only on her
 * page.
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
