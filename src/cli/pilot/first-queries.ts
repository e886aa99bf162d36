import { readyDocument } from '../../federation/explorer/operations.js';
import { packKey } from '../../supply/gs1.js';
import type { PersonaName } from './personas.js';
import { PILOT_STUDY } from './plan.js';
import type { SeededPack } from './seeded-pack.js';

/** Values of this installation that the queries below contain. */
export interface QueryFacts {
  readonly pack: SeededPack;
  /** The withdrawal secret of a participant whom the portal's queries do not show, if any. */
  readonly secret: string | undefined;
  /**
   * What a participant whom the portal's queries do show has signed to list her own data; new for
   * each page.
   */
  readonly mine: OwnArguments | undefined;
}

/** The arguments of the field `my`. */
export interface OwnArguments {
  readonly study: string;
  readonly publicKey: Readonly<Record<string, string>>;
  readonly lists: readonly {
    readonly institution: string;
    readonly at: string;
    readonly signature: Readonly<Record<string, string>>;
  }[];
}

/** A newcomer's first query: who is in the pilot's study, and which trials there are. */
export const FIRST_QUERY = readyDocument('first-query');

/**
 * The query that a persona's page opens with. It runs unchanged, and shows what the persona can do.
 */
export function firstQuery(persona: PersonaName, facts: QueryFacts): string {
  return QUERIES[persona](facts);
}

const QUERIES: Readonly<Record<PersonaName, (facts: QueryFacts) => string>> = {
  // The README and the tour use it too.
  portal: () => FIRST_QUERY,
  researcher: () => `# A researcher: protocols and the network are public;
# participants need a proof.
query TrialsAndNetwork {
  trials(
    where: { condition: "diabetes", status: [RECRUITING] }
    first: 5
  ) {
    nodes {
      id title phase conditions enrollment
      eligibility { minimumAge text }
      sites { facility }
    }
    sources { institution { name } status }
    complete
  }
  network {
    epoch
    anchoredAt
    institutions { id name roles status anchoredAt }
  }
  # null: this persona has proven nothing to anybody
  study(id: "${PILOT_STUDY.id}") { access { presented } }
}
`,
  sponsor: () => `# A sponsor: its trial and sites as everybody sees them,
# and no participant.
query SponsorsTrial {
  trial(id: "${PILOT_STUDY.id}") {
    title
    status
    phase
    enrollment
    startDate
    sponsor { id name }
    sites { facility city institution { id name status anchoredAt } }
    study {
      access { presented }
      participants { nodes { pseudonym } }
    }
  }
}
`,
  pharmacist: ({ pack }) => `# A pharmacist: anybody may verify a pack;
# its way through the network is for proven partners.
query VerifyAndTrace {
  verifyProduct(
    gtin: "${pack.gtin}"
    serial: "${pack.serial}"
    lot: "${pack.lot}"
    expiry: "${pack.expiry}"
  ) {
    verified
    reason
    respondedAt
  }
  trace(
    epc: "${packKey(pack.gtin, pack.serial).uri}"
  ) {
    events { eventTime bizStep action custodian { name } }
    containments { action child parent time }
    complete
  }
  lot(gtin: "${pack.gtin}", lot: "${pack.lot}") {
    expiry
    product { name strength }
    recall { since }
    holders { name }
  }
}
`,
  participant: ({ mine, secret }) =>
    (mine === undefined ? NETWORK_QUERY : ownQuery(mine)) +
    (secret === undefined ? '' : withdrawal(secret)),
};

const NETWORK_QUERY = `# A participant, of a pilot without wallets.
query Network {
  network { epoch institutions { id name status } }
}
`;

function ownQuery({ study, publicKey, lists }: OwnArguments): string {
  const named = (fields: Readonly<Record<string, string>>) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}: "${value}"`)
      .join(', ');
  const signed = lists.map(
    ({ institution, at, signature }) =>
      `      { institution: "${institution}", at: "${at}", signature: { ${named(signature)} } }`,
  );
  return `# A participant: who received what of me, and what I allow.
# My study key signed for each hospital, for this page's token
# and ten minutes: load the page again after that.
query Mine {
  my(
    study: "${study}"
    publicKey: { ${named(publicKey)} }
    lists: [
${signed.join('\n')}
    ]
  ) {
    complete
    consents { institution { name } state explanation }
    disclosures(first: 10) {
      nodes { at custodian { name } purpose dataClass count requester }
    }
    refused { index code }
  }
}
`;
}

function withdrawal(secret: string): string {
  return `
# Another participant. RUNNING THIS WITHDRAWS the consent of
# one participant of the pilot, for ever. No login: the
# secret is known to that participant's wallet alone.
mutation Withdraw {
  withdrawConsents(secrets: ["${secret}"], copies: 1) {
    complete
    outcomes {
      institution { name }
      status
      accepted
      refused { code message retry }
    }
  }
}
`;
}
