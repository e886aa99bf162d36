import { button, element } from './elements.js';
import { askGraphql, askToken } from './requests.js';
import { decodeToken, durationOf } from './token.js';

/**
 * @typedef {import('./data.js').PageData} PageData
 * @typedef {import('./held-token.js').HeldToken} HeldToken
 * @typedef {import('./token.js').DecodedToken} DecodedToken
 */

const OPENS = `query Opens($study: ID!, $epc: URI!) {
  study(id: $study) {
    access { presented purpose dataClasses dataWindow { from until } expires }
  }
  trace(epc: $epc) { item }
}`;

/**
 * Shows whose token the page holds, until when, and what it opens.
 *
 * @param {Element} place
 * @param {PageData} data
 * @param {HeldToken} held
 * @returns {{ lookAgain: () => Promise<void> }}
 */
export function showToken(place, data, held) {
  /** @type {DecodedToken | undefined} */
  let decoded;
  const until = element('dd', { 'data-until': '' });
  const opens = element('dd', { 'data-opens': '', role: 'status' });
  const message = element('p', { class: 'warning', role: 'status' });
  message.hidden = true;

  function tick() {
    if (decoded === undefined) return;
    const left = decoded.expires - Date.now() / 1000;
    const moment = new Date(decoded.expires * 1000).toLocaleString();
    until.textContent = left > 0 ? `${moment}, in ${durationOf(left)}` : `${moment}, past`;
    if (message.hidden === left <= 0) {
      message.hidden = left > 0;
      message.textContent = 'This token has run out: the gateway refuses it. Take a fresh one.';
    }
  }

  async function lookAgain() {
    opens.textContent = '…';
    opens.textContent = await whatOpens(data, held);
  }

  async function render() {
    decoded = held.current === undefined ? undefined : await decodeToken(held.current);
    if (decoded === undefined) {
      place.replaceChildren(...withoutToken(held));
      return;
    }
    const list = element(
      'dl',
      {},
      ...row('Key', element('code', { title: decoded.thumbprint }, decoded.thumbprint)),
      ...row('Gateway', element('code', { title: decoded.audience }, decoded.audience)),
      element('dt', {}, 'Until'),
      until,
      element('dt', {}, 'Opens'),
      opens,
    );
    place.replaceChildren(list, message, actions(data, held, decoded, message), choice(held));
    tick();
    await lookAgain();
  }

  held.onChange(render);
  setInterval(tick, 1000);
  render();
  return { lookAgain };
}

/**
 * @param {string} name
 * @param {Node} value
 */
function row(name, value) {
  return [element('dt', {}, name), element('dd', {}, value)];
}

/**
 * @param {PageData} data
 * @param {HeldToken} held
 * @param {DecodedToken} decoded
 * @param {HTMLElement} message
 */
function actions({ persona, pageKey }, held, { thumbprint }, message) {
  const copy = button('Copy header', async () => {
    await navigator.clipboard.writeText(`Authorization: Bearer ${held.current}`);
    copy.textContent = 'Copied';
  });
  const fresh = button('Fresh token', async () => {
    if (persona === null) return;
    fresh.disabled = true;
    try {
      held.replace(await askToken(pageKey, { persona: persona.name, session: thumbprint }));
    } catch (thrown) {
      message.hidden = false;
      message.textContent = thrown instanceof Error ? thrown.message : String(thrown);
    }
    fresh.disabled = false;
  });
  return element('p', { class: 'actions' }, ...(persona === null ? [] : [fresh]), copy);
}

/** @param {HeldToken} held */
function choice(held) {
  const box = /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox' }));
  box.checked = held.isSent;
  box.addEventListener('change', () => held.send(box.checked));
  return element('label', {}, box, ' Send it with every request');
}

/** @param {HeldToken} held */
function withoutToken(held) {
  const field = /** @type {HTMLInputElement} */ (
    element('input', { type: 'password', autocomplete: 'off', 'aria-label': 'Token' })
  );
  const take = button('Use it', () => held.replace(field.value.trim().replace(/^Bearer /, '')));
  const words = held.current
    ? 'That is no token of a requester.'
    : 'No token: what is public answers. To ask as somebody, paste a token that you signed; this page forgets it.';
  return [element('p', {}, words), element('p', { class: 'actions' }, field, take)];
}

/**
 * Asks what the token opens, as it is sent now.
 *
 * @param {PageData} data
 * @param {HeldToken} held
 */
async function whatOpens({ study, operations }, held) {
  if (!held.isSent) return 'nothing, as it is not sent';
  if (study === null) return "run Access with your study's id to see";
  const { epc } = operations.find(({ name }) => name === 'trace-pack')?.variables ?? {};
  const { data, failure } = await askGraphql(OPENS, { study, epc }).catch(() => ({
    data: null,
    failure: { code: 'SOURCE_FAILED', message: 'The gateway does not answer.' },
  }));
  if (failure !== undefined) return `not known now: ${failure.code}, ${failure.message}`;
  const opened = [];
  if (data.study) opened.push(describe(study, data.study.access));
  if (data.trace) opened.push('the trace of packs, as a trading partner');
  return opened.length === 0
    ? 'only what is public: nothing was proven for this key'
    : opened.join('; ');
}

/**
 * @param {string} study
 * @param {{ presented: number, purpose: string, dataClasses: readonly string[], expires: string,
 *   dataWindow: { from: string, until: string } }} access
 */
function describe(study, { presented, purpose, dataClasses, dataWindow, expires }) {
  const { from, until } = dataWindow;
  const day = (/** @type {string} */ moment) => moment.slice(0, 10);
  return (
    `study ${study}, participants: ${presented}, for ${purpose}: ${dataClasses.join(', ')} ` +
    `of ${day(from)} to ${day(until)}; presented until ${day(expires)}`
  );
}
