import { readEvents } from './events.js';

/**
 * A failure as this network tells it: a stable code, and a sentence.
 *
 * @typedef {{ readonly code: string, readonly message: string }} Failure
 */

/**
 * Asks this page's gateway through /graphql, as any client would.
 *
 * @param {string} query
 * @param {object} variables
 * @returns {Promise<{ data: any, failure: Failure | undefined }>}
 */
export async function askGraphql(query, variables) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  return { data: data ?? null, failure: failureOf(errors) };
}

/** @param {readonly { message: string, extensions?: { assentCode?: string } }[] | undefined} errors */
function failureOf(errors) {
  const [first] = errors ?? [];
  return first && { code: first.extensions?.assentCode ?? 'UNKNOWN', message: first.message };
}

/**
 * Asks the pilot for what it alone can give: it keeps its personas' secrets.
 *
 * @param {string | null} pageKey
 * @param {'token' | 'proof'} what
 * @param {{ persona: string, session?: string }} asked
 * @returns {Promise<Response>}
 */
async function askPilot(pageKey, what, asked) {
  const response = await fetch(`/explorer/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-assent-page': pageKey ?? '' },
    body: JSON.stringify(asked),
  });
  if (response.ok) return response;
  if (response.status === 404) throw new Error('The pilot has begun again. Load this page again.');
  const { errors } = await response.json().catch(() => ({}));
  throw new Error(errors?.[0]?.message ?? `The pilot answered ${response.status}.`);
}

/**
 * A token of a session; of a new one if none is named.
 *
 * @param {string | null} pageKey
 * @param {{ persona: string, session?: string }} asked
 */
export async function askToken(pageKey, asked) {
  return (await askPilot(pageKey, 'token', asked)).text();
}

/**
 * Lets the pilot prove what its persona can.
 *
 * @param {string | null} pageKey
 * @param {{ persona: string, session: string }} asked
 * @param {(made: { done: number, of: number }) => void} onProgress
 * @returns {Promise<{ document: string, variables: object }>} the mutation that presents the proofs.
 */
export async function askProof(pageKey, asked, onProgress) {
  const { body } = await askPilot(pageKey, 'proof', asked);
  if (body === null) throw new Error('The pilot told nothing.');
  for await (const { event, data } of readEvents(body)) {
    if (event === 'progress') onProgress(data);
    if (event === 'proven') return data;
    if (event === 'refused') throw new Error(`${data.code}: ${data.message}`);
  }
  throw new Error('The pilot ended before the proofs were made.');
}
