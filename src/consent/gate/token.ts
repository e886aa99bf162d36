import {
  createTokenCheck as createCheck,
  type RequesterToken,
  type TokenRule,
} from '../../core/signed/requester-token.js';
import { type Holder, holderNamed } from './holder-key.js';

/**
 * Makes the check of requesters' tokens for one node.
 *
 * @returns a function that says whose token it is, and throws DomainError TOKEN_MALFORMED or
 * TOKEN_INVALID, as core's requireRequesterToken does.
 */
export function createHolderCheck(): (jwt: string, rule: TokenRule) => Promise<Holder> {
  const requireToken = createCheck();
  // A cached token is the same object each time, so its holder is hashed once.
  const holders = new WeakMap<RequesterToken, Holder>();
  return async (jwt, rule) => {
    const token = await requireToken(jwt, rule);
    const holder = holders.get(token) ?? holderNamed(token.signer);
    holders.set(token, holder);
    return holder;
  };
}
