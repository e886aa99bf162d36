import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import {
  ANY_ENDPOINT,
  type EndpointRule,
  lookupUnder,
  type Resolve,
  requireEndpoint,
} from './endpoint-rule.js';

/** One HTTP request to a node. */
export interface WireRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How nodes are reached: connections that are kept, each made under one rule. */
export interface Wire {
  /**
   * Settles with the head of the answer; its body is still to be read. No redirect is followed.
   *
   * @throws NodeFailure if the rule refuses the endpoint; Error for what the connection does.
   */
  send(url: URL, request: WireRequest, signal: AbortSignal): Promise<IncomingMessage>;
}

/** How long an idle connection is kept: below what servers allow, so that none is used as it is being closed. */
const KEPT_MS = 4_000;

/** @param resolve - in place of the system's. */
export function openWire(rule: EndpointRule, resolve?: Resolve): Wire {
  const lookup = lookupUnder(rule, resolve);
  const kept = { keepAlive: true, timeout: KEPT_MS };
  // Of its own: a connection that another rule allowed must not be used under this one.
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
  return {
    async send(url, { method, headers = {}, body }, signal) {
      requireEndpoint(rule, url);
      const isSecure = url.protocol === 'https:';
      const options = { ...urlToHttpOptions(url), method, headers, lookup, signal };
      return new Promise((resolveAnswer, reject) => {
        const sent = isSecure
          ? httpsRequest({ ...options, agent: agents.https }, resolveAnswer)
          : httpRequest({ ...options, agent: agents.http }, resolveAnswer);
        sent.on('error', reject);
        sent.end(body);
      });
    },
  };
}

/** For what has no rule of its own: a pilot's, and tests'. */
export const ANY_WIRE: Wire = openWire(ANY_ENDPOINT);
