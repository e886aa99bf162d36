import { exportJWK, generateKeyPair } from 'jose';
import { newSession } from '../../../client/gateway/session.js';
import { type Presentation, presentConsents } from '../../../client/requester/present.js';
import { codeOf } from '../../../core/errors.js';
import { toStudyId } from '../../../core/ids.js';
import {
  GATEWAY_SIGNATURE_HEADER,
  NODE_NONCE_HEADER,
} from '../../../core/signed/gateway-request.js';
import { jwtOf } from '../../../core/signed/token-secret.js';
import { importGatewayKey } from '../../../network/gateway-key.js';
import { signGatewayRequest } from '../../../network/gateway-signature.js';
import { seedTrialId } from '../../../trials/seed.js';
import { LAKESHORE } from '../institutions.js';
import { PILOT_STUDY } from '../plan.js';
import { PILOT_TOKEN_SECONDS } from '../settings.js';
import { stealLink } from './link-attack.js';
import { PARTICIPANTS } from './reading.js';
import { at, expectThat, type Stage, type Step, shownOf } from './stage.js';

export const ANOTHER_HOLDER: Step = {
  name: 'stolen presentation, token and link',
  proves: 'proofs, tokens and link codes are useless to those who transport or receive them',
  async play(stage) {
    const { presentation, session } = shownOf(stage);
    const { gateway } = stage;
    const thief = await newSession();
    const stolen = { ...presentation, holderJwk: thief.holderJwk };
    const codes = await refusalCodes(stage, stolen);
    expectThat(codes === 'HOLDER_MISMATCH', `another key is refused by name, not ${codes}`);
    const audience = gateway.thumbprint;
    const asked = { document: PARTICIPANTS, variables: { study: PILOT_STUDY.id } };
    const credential = await thief.signCredential({ audience, seconds: PILOT_TOKEN_SECONDS });
    const nothing = await gateway.send({ ...asked, credential });
    expectThat(at(nothing.data, 'study') === null, "the thief's own token opens nothing");
    // What a node that was asked has: the portal's token without its secret.
    const token = jwtOf(await session.signToken({ audience, seconds: PILOT_TOKEN_SECONDS }));
    const sent = await gateway.send({ ...asked, credential: { token } }).then(() => 'rows', codeOf);
    expectThat(sent === 'TOKEN_INCOMPLETE', `the gateway refuses what it passed on, not ${sent}`);
    const bare = await askNode(stage, token, undefined);
    expectThat(bare === 'GATEWAY_SIGNATURE_INVALID', `a token alone is refused, not ${bare}`);
    const forged = await askNode(stage, token, await dishonestGateway());
    expectThat(forged === 'TOKEN_INVALID', `another gateway's is refused, not ${forged}`);
    const link = stage.own ? await stealLink(stage, stage.own) : 'link: not tried';
    return `${codes}, ${sent}, ${bare}, ${forged}; ${link}`;
  },
};

/**
 * A node that kept a token could only use it with its own gateway key, but the token names another
 * gateway.
 */
async function dishonestGateway() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return importGatewayKey(await exportJWK(privateKey));
}

/**
 * Sends what nodes see of a requester's token directly to a hospital's node. @returns the code of
 * the refusal.
 */
async function askNode(
  { endpointOf }: Stage,
  token: string,
  key: Awaited<ReturnType<typeof dishonestGateway>> | undefined,
): Promise<unknown> {
  const variables = { reps: [{ __typename: 'Study', registryId: PILOT_STUDY.id }] };
  const query = `query Replayed($reps: [_Any!]!) {
    _entities(representations: $reps) { ... on Study { participants { nodes { pseudonym } } } }
  }`;
  const body = JSON.stringify({ query, variables });
  const institution = LAKESHORE;
  const send = async (nonce: string | undefined) => {
    const signature = key && (await signGatewayRequest(key, { institution, body, token, nonce }));
    return fetch(`${endpointOf(institution)}/records`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(signature === undefined ? {} : { [GATEWAY_SIGNATURE_HEADER]: signature }),
      },
      body,
    });
  };
  // A node tells its nonce to any gateway that signs for it.
  const first = await send(undefined);
  const nonce = first.headers.get(NODE_NONCE_HEADER);
  const answer = nonce === null ? first : await send(nonce);
  const json: unknown = await answer.json();
  expectThat(at(json, 'data', '_entities') === undefined, 'nothing is released');
  return at(json, 'errors', 0, 'extensions', 'code');
}

export const FORGED_PRESENTATIONS: Step = {
  name: 'forged presentations',
  proves:
    'a changed signal, another study, another purpose or none: each is refused with its own ' +
    'code',
  async play(stage) {
    const { presentation } = shownOf(stage);
    const changed = await refusalCodes(stage, withChangedNym(presentation));
    expectThat(changed === 'PROOF_INVALID', `a changed signal, not ${changed}`);
    const otherStudy = { ...PILOT_STUDY, id: toStudyId(seedTrialId(2)) };
    const moved = { ...presentation, ask: { ...presentation.ask, study: otherStudy } };
    const other = await refusalCodes(stage, moved);
    expectThat(other === 'REQUEST_MISMATCH', `another study, not ${other}`);
    const turned = { ...presentation.ask, purpose: 'TREAT' as const };
    const misused = await refusalCodes(stage, { ...presentation, ask: turned });
    expectThat(misused === 'PURPOSE_MISMATCH', `another purpose, not ${misused}`);
    const { purpose: _, ...aimless } = presentation.ask;
    const missing = await refusalCodes(stage, { ...presentation, ask: aimless as never });
    expectThat(missing === 'PURPOSE_MISSING', `no purpose, not ${missing}`);
    return `${changed}, ${other}, ${misused}, ${missing}`;
  },
};

/** Changes the second signal, `nym`, of each proof to another person's. */
function withChangedNym(presentation: Presentation): Presentation {
  const proofs = presentation.proofs.map(({ proof, publicSignals }) => {
    const [root = '', nym = '', ...rest] = publicSignals;
    return { proof, publicSignals: [root, String(BigInt(nym) - 1n), ...rest] };
  });
  return { ...presentation, proofs };
}

/** The codes with which every institution refuses every proof: one word if they agree. */
async function refusalCodes({ gateway }: Stage, presentation: Presentation): Promise<string> {
  const { outcomes } = await presentConsents(gateway, presentation);
  const codes = new Set<string>();
  for (const { institution, accepted, refused } of outcomes) {
    expectThat(accepted === 0, `${institution.id} accepts none`);
    for (const { code } of refused) codes.add(code);
  }
  return [...codes].join(' ');
}
