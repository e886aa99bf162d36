import type { Session } from '../../../src/client/gateway/session.js';
import type { PresentConsentsInput } from '../../../src/consent/base/model.js';
import { publish } from '../consent/gate-feed.js';
import { DAY, now, snapshotOf } from '../consent/gate-fixture.js';
import { LAKESHORE } from '../names.js';
import type { GatedNetwork, GatedNode, Told, World } from './gated-network.js';
import { HOURS_TO_EXPIRY, SECRET_OF_WITHDRAWAL } from './proven-consent.js';

/** One consent that is proven, and all around it that a test may change. */
export interface Stage {
  readonly network: GatedNetwork;
  readonly world: World;
  readonly proven: { readonly input: PresentConsentsInput; readonly root: bigint };
  readonly prover: Session;
}

/** A presentation that is refused, and the code that says why. */
export interface Refusal {
  readonly why: string;
  readonly code: string;
  readonly present: (stage: Stage) => Promise<Told>;
}

const PRESENT = `mutation ($input: PresentConsents!) { presentConsents(input: $input) {
  outcomes { institution { id } accepted refused { code message } } } }`;
const OTHER_ROOT = 12_345n;

export function bodyOf({ proven }: Stage, change: Partial<PresentConsentsInput> = {}): string {
  const variables = { input: { ...proven.input, ...change } };
  return JSON.stringify({ query: PRESENT, variables });
}

/** Presents the consent, changed as given, to a node in the session's name. */
export async function present(
  stage: Stage,
  change: Partial<PresentConsentsInput> = {},
  node: GatedNode = stage.network.riverside,
): Promise<Told> {
  const body = bodyOf(stage, change);
  return node.send(body, await node.sign(body, stage.prover), 'consent');
}

/** The code that a request as a whole, or the one proof in it, is refused by; undefined if neither. */
export function codeIn({ json }: Told): string | undefined {
  const { errors, data } = json;
  const [whole] = (errors ?? []).map((error: Told['json']) => error.extensions.code);
  return whole ?? data?.presentConsents.outcomes[0].refused[0]?.code;
}

/** The ten of docs/details/gate.md. */
export const TEN: readonly Refusal[] = [
  {
    why: 'replay: the same request again',
    code: 'REPLAYED',
    async present(stage) {
      const { riverside } = stage.network;
      const body = bodyOf(stage);
      const headers = await riverside.sign(body, stage.prover);
      await riverside.send(body, headers, 'consent');
      return riverside.send(body, headers, 'consent');
    },
  },
  {
    why: 'forward: what a gateway signed for another institution',
    code: 'FORWARDED',
    async present(stage) {
      const { riverside, lakeshore } = stage.network;
      const body = bodyOf(stage);
      return riverside.send(body, await lakeshore.sign(body, stage.prover), 'consent');
    },
  },
  {
    why: 'changed variable: another body than the gateway signed',
    code: 'BODY_CHANGED',
    async present(stage) {
      const { riverside } = stage.network;
      const headers = await riverside.sign(bodyOf(stage), stage.prover);
      return riverside.send(bodyOf(stage, { labels: ['HIV'] }), headers, 'consent');
    },
  },
  {
    why: 'changed scope: a label more than was proven',
    code: 'REQUEST_MISMATCH',
    present: (stage) => present(stage, { labels: ['HIV'] }),
  },
  {
    why: 'stale root: superseded more than seven days ago',
    code: 'ROOT_STALE',
    present(stage) {
      stage.world.snapshot = () =>
        snapshotOf(
          { root: stage.proven.root, anchoredAt: now - 9 * DAY },
          { root: OTHER_ROOT, anchoredAt: now - 8 * DAY },
        );
      return present(stage);
    },
  },
  {
    why: 'wrong institution: another one is addressed',
    code: 'NOT_FOR_THIS_INSTITUTION',
    present: (stage) => present(stage, { institution: LAKESHORE }),
  },
  {
    why: 'wrong purpose: another than was proven',
    code: 'PURPOSE_MISMATCH',
    present: (stage) => present(stage, { purpose: 'HRESCH' }),
  },
  {
    why: 'expired: the presentation has ended',
    code: 'CONSENT_EXPIRED',
    present(stage) {
      stage.world.atSeconds = now + HOURS_TO_EXPIRY * 3_600;
      return present(stage);
    },
  },
  {
    why: 'withdrawn: its secret is published',
    code: 'CONSENT_WITHDRAWN',
    async present(stage) {
      // At the other hospital, because what is withdrawn stays withdrawn.
      const { lakeshore } = stage.network;
      await publish(lakeshore.db, [SECRET_OF_WITHDRAWAL]);
      return present(stage, {}, lakeshore);
    },
  },
  {
    why: 'unknown: under a root that no register had',
    code: 'ROOT_UNKNOWN',
    present(stage) {
      stage.world.snapshot = () => snapshotOf({ root: OTHER_ROOT, anchoredAt: now });
      return present(stage);
    },
  },
];
