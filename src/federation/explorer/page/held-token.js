/**
 * The token that this page sends, in memory alone: one in the browser's storage would outlive its page.
 *
 * @typedef {object} HeldToken
 * @property {string | undefined} current
 * @property {boolean} isSent - Whether requests carry it.
 * @property {(token: string) => void} replace
 * @property {(isSent: boolean) => void} send
 * @property {(listener: () => void) => void} onChange - Called when the token changes, or whether it is sent.
 */

/**
 * @param {string | undefined} initial
 * @returns {HeldToken}
 */
export function holdToken(initial) {
  let current = initial;
  let isSent = true;
  /** @type {(() => void)[]} */
  const listeners = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };
  return {
    get current() {
      return current;
    },
    get isSent() {
      return isSent;
    },
    replace(token) {
      current = token;
      tell();
    },
    send(wanted) {
      isSent = wanted;
      tell();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/**
 * Sends the token with every request to /graphql from now on, GraphiQL's too, unless the request has an
 * Authorization header of its own.
 *
 * @param {HeldToken} held
 */
export function sendWithRequests(held) {
  const plainFetch = globalThis.fetch.bind(globalThis);
  globalThis.fetch = (input, init = {}) => {
    const asked = input instanceof Request ? input : undefined;
    const url = new URL(asked?.url ?? String(input), location.href);
    const isGraphql = url.origin === location.origin && url.pathname === '/graphql';
    if (!isGraphql || !held.isSent || !held.current) return plainFetch(input, init);
    const headers = new Headers(init.headers ?? asked?.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${held.current}`);
    return plainFetch(input, { ...init, headers });
  };
}
