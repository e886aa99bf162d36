import { invariant } from '../../core/errors.js';

const SCRIPTS = 'https://embeddable-sandbox.cdn.apollographql.com';
const IMAGES = 'https://apollo-server-landing-page.cdn.apollographql.com';
const FRAMES = 'https://sandbox.embed.apollographql.com';

/** What a source of a policy can name; an IPv6 address it cannot. */
const NAMED_HOST = /^[a-z0-9.-]+(:\d{1,5})?$/i;

/**
 * The headers of Sandbox's page. Its script is Apollo's and runs in our own origin, so it may ask /graphql and nothing
 * else of it. That bounds the script within this page alone; that the explorer gives it no persona is
 * `isPersonaVisit`'s part.
 *
 * There is deliberately no Cross-Origin-Opener-Policy. With the explorer's own, `same-origin`, this page could open
 * the explorer in a window and read it. Without one the browser parts the two.
 *
 * @param html - the page, whose inline script and styles carry one nonce.
 * @param host - the Host that the page was asked under.
 */
export function sandboxHeaders(html: string, host: string): Readonly<Record<string, string>> {
  const [, nonce] = /<script nonce="([0-9a-f]{64})"/.exec(html) ?? [];
  invariant(nonce !== undefined, "Apollo's landing page gives its scripts a nonce");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${SCRIPTS}`,
    `style-src 'nonce-${nonce}' ${SCRIPTS}`,
    `img-src ${IMAGES}`,
    `manifest-src ${IMAGES}`,
    `frame-src ${FRAMES}`,
    `connect-src ${NAMED_HOST.test(host) ? `${host}/graphql` : "'self'"}`,
    "worker-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
