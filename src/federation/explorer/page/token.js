/**
 * What a token says of itself. Nobody's signature is checked here: institutions do that.
 *
 * @typedef {object} DecodedToken
 * @property {string} thumbprint - Of the key that signed it: RFC 7638, SHA-256, base64url.
 * @property {string} audience - The thumbprint of the gateway that it is for.
 * @property {number} expires - Unix seconds.
 */

/**
 * Reads `<JWT>~<secret>`.
 *
 * @param {string} token
 * @returns {Promise<DecodedToken | undefined>} undefined for anything else.
 */
export async function decodeToken(token) {
  const [jwt = ''] = token.split('~');
  const [header = '', claims = ''] = jwt.split('.');
  try {
    const { jwk } = parsePart(header);
    const { aud, exp } = parsePart(claims);
    if (typeof aud !== 'string' || typeof exp !== 'number') return undefined;
    return { thumbprint: await thumbprintOf(jwk), audience: aud, expires: exp };
  } catch {
    return undefined;
  }
}

/** @param {string} part */
function parsePart(part) {
  const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** @param {{ crv: string, kty: string, x: string, y: string }} jwk */
async function thumbprintOf({ crv, kty, x, y }) {
  const bytes = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * How long until a moment: `11 h 59 min`, `4 min 03 s`, `59 s`.
 *
 * @param {number} seconds - 0 and more.
 */
export function durationOf(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} min`;
  const rest = Math.floor(seconds % 60);
  return minutes > 0 ? `${minutes} min ${String(rest).padStart(2, '0')} s` : `${rest} s`;
}
