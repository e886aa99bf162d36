import type { InstitutionId } from '../core/ids.js';
import { GATEWAY_SIGNATURE_HEADER, NODE_NONCE_HEADER } from '../core/signed/gateway-request.js';
import { NONCE_FORM } from '../core/signed/nonce.js';
import { type ExchangeLimits, exchangeAny, type NodeAnswer } from './exchange.js';
import type { GatewayKey } from './gateway-key.js';
import { signGatewayRequest } from './gateway-signature.js';
import type { Wire } from './wire.js';

/** One question to one node. */
export interface NodeRequest {
  readonly institution: InstitutionId;
  readonly url: string;
  readonly body: string;
  /** The requester's JWT, without its secret; undefined where the answer needs none. */
  readonly token: string | undefined;
  readonly requestId: string;
}

type SignedExchange = (request: NodeRequest, limits: ExchangeLimits) => Promise<NodeAnswer>;

/**
 * Makes the exchange of signed questions with nodes, and remembers the nonce of each node's run.
 *
 * A node that has restarted refuses once and sends its new nonce: the question is signed again with
 * it and sent within the same time limit, so that no query is lost to a restart.
 *
 * @param wire - which endpoints may be reached.
 * @returns a function that throws NodeFailure and nothing else.
 */
export function createSignedExchange(key: GatewayKey, wire: Wire): SignedExchange {
  const nonces = new Map<InstitutionId, string>();
  return async (request, limits) => {
    const startMs = performance.now();
    const { institution } = request;
    const nonce = nonces.get(institution);
    let given: string | undefined;
    const noteNonce = (said: string) => {
      given = said;
    };
    const answer = await exchange({ key, wire }, request, nonce, limits, noteNonce);
    const isRefused = answer.httpStatus >= 400;
    if (!isRefused || given === undefined || given === nonce) return answer;
    nonces.set(institution, given);
    const leftMs = Math.floor(limits.budgetMs - (performance.now() - startMs));
    const budgetMs = Math.max(1, leftMs);
    return exchange({ key, wire }, request, given, { ...limits, budgetMs }, () => undefined);
  };
}

async function exchange(
  { key, wire }: { readonly key: GatewayKey; readonly wire: Wire },
  { institution, url, body, token, requestId }: NodeRequest,
  nonce: string | undefined,
  limits: ExchangeLimits,
  noteNonce: (nonce: string) => void,
): Promise<NodeAnswer> {
  const signature = await signGatewayRequest(key, { institution, body, token, nonce });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    [GATEWAY_SIGNATURE_HEADER]: signature,
    'x-request-id': requestId,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return exchangeAny(url, { method: 'POST', headers, body }, limits, wire, (answered) => {
    const said = answered[NODE_NONCE_HEADER.toLowerCase()];
    // A node chooses it, so it must have the form of a nonce before this gateway signs it.
    if (typeof said === 'string' && NONCE_FORM.test(said)) noteNonce(said);
  });
}
