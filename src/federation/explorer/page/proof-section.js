import { button, element } from './elements.js';
import { askGraphql, askProof, askToken } from './requests.js';
import { decodeToken } from './token.js';

/**
 * @typedef {import('./data.js').PageData} PageData
 * @typedef {import('./held-token.js').HeldToken} HeldToken
 * @typedef {{ readonly institution: { readonly id: string }, readonly status: string, readonly accepted: number,
 *   readonly refused: readonly { readonly index: number, readonly code: string, readonly message: string }[] }} Outcome
 */

/** What becomes of one presentation, step by step, before the reader's eyes. */
const STEPS = /** @type {const} */ ({
  key: 'A new key: nothing was ever shown for it',
  prove: 'Prove, for that key',
  present: 'Present to every institution',
  ask: 'Ask the same again',
});

/**
 * Lets a persona present a proof.
 *
 * @param {Element} place
 * @param {PageData} data
 * @param {object} on
 * @param {HeldToken} on.held
 * @param {() => void} on.ask - runs the persona's query in the editor.
 * @param {() => Promise<void>} on.shown - called once every institution has said what it did with the proof.
 */
export function showProof(place, data, { held, ask, shown }) {
  const start = button('Prove and present', async () => {
    start.disabled = true;
    await play().catch(steps.fail);
    start.disabled = false;
    start.textContent = 'Once more, with another key';
  });
  const steps = showSteps();
  place.replaceChildren(start, steps.list);

  async function play() {
    const { persona, pageKey } = data;
    if (persona === null) return;
    steps.begin('key');
    const token = await askToken(pageKey, { persona: persona.name });
    const session = (await decodeToken(token))?.thumbprint ?? '';
    held.replace(token);
    held.send(true);
    ask();
    steps.end('key', `${session.slice(0, 12)}… In the editor: null.`);
    const proven = await prove({ persona: persona.name, session });
    const accepted = await present(proven);
    steps.begin('ask');
    await shown();
    ask();
    steps.end(
      'ask',
      accepted ? 'In the editor: rows.' : 'Still null: no institution took the proof.',
    );
  }

  /** @param {{ persona: string, session: string }} asked */
  async function prove(asked) {
    const bar = steps.begin('prove', element('progress', { 'aria-label': 'Proofs made' }));
    const startedMs = performance.now();
    const proven = await askProof(data.pageKey, asked, ({ done, of }) => {
      bar.setAttribute('max', String(of));
      bar.setAttribute('value', String(done));
      steps.say('prove', `${done} of ${of}`);
    });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    steps.end('prove', `done in ${seconds} s`);
    return proven;
  }

  /**
   * @param {{ document: string, variables: object }} proven
   * @returns {Promise<boolean>} whether an institution accepted a proof.
   */
  async function present({ document, variables }) {
    steps.begin('present');
    const { data: answer, failure } = await askGraphql(document, variables);
    if (failure !== undefined) throw new Error(`${failure.code}: ${failure.message}`);
    const [presented] = Object.values(answer);
    const { complete, outcomes } = presented;
    steps.end(
      'present',
      complete ? 'every institution answered' : 'not every institution answered',
    );
    steps.add('present', outcomeTable(outcomes));
    return outcomes.some((/** @type {Outcome} */ { accepted }) => accepted > 0);
  }
}

function showSteps() {
  const items = Object.fromEntries(
    Object.entries(STEPS).map(([name, title]) => {
      const said = element('span', { class: 'said' });
      const item = element('li', { 'data-step': name }, title, ' ', said);
      return [name, { item, said }];
    }),
  );
  /** @param {string} name */
  const stepOf = (name) => items[name] ?? { item: element('li'), said: element('span') };
  let current = '';
  const all = Object.values(items).map(({ item }) => item);
  return {
    list: element('ol', { class: 'steps', 'aria-live': 'polite' }, ...all),
    /** @param {string} name @param {Element} extra */
    begin(name, extra = element('span')) {
      current = name;
      const { item, said } = stepOf(name);
      if (name === 'key') for (const one of Object.keys(items)) this.clear(one);
      item.setAttribute('class', 'now');
      said.textContent = '…';
      this.add(name, extra);
      return extra;
    },
    /** @param {string} name @param {string} words */
    say(name, words) {
      stepOf(name).said.textContent = words;
    },
    /** @param {string} name @param {string} words */
    end(name, words) {
      const { item, said } = stepOf(name);
      item.setAttribute('class', 'done');
      said.textContent = words;
      item.querySelector('progress')?.remove();
    },
    /** @param {string} name @param {Element} extra */
    add(name, extra) {
      extra.setAttribute('data-extra', '');
      stepOf(name).item.append(extra);
    },
    /** @param {string} name */
    clear(name) {
      const { item, said } = stepOf(name);
      item.setAttribute('class', '');
      said.textContent = '';
      for (const extra of item.querySelectorAll('[data-extra]')) extra.remove();
    },
    /** @param {unknown} thrown */
    fail(thrown) {
      const { item, said } = stepOf(current);
      item.setAttribute('class', 'failed');
      said.textContent = thrown instanceof Error ? thrown.message : String(thrown);
      item.querySelector('progress')?.remove();
    },
  };
}

/** @param {readonly Outcome[]} outcomes */
function outcomeTable(outcomes) {
  const rows = outcomes.map(({ institution, status, accepted, refused }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, institution.id),
      element('td', {}, status === 'OK' ? String(accepted) : status),
      element('td', {}, ...refused.map(refusalOf)),
    ),
  );
  const head = ['Institution', 'Accepted', 'Refused'].map((name) =>
    element('th', { scope: 'col' }, name),
  );
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}

/** @param {Outcome['refused'][number]} refusal */
function refusalOf({ index, code, message }) {
  const link = element('a', { href: `/error-codes#${encodeURIComponent(code)}` }, code);
  return element('div', {}, `proof ${index + 1}: `, link, ` ${message}`);
}
