import { readPageData } from './data.js';
import { mountEditor } from './editor.js';
import { byId } from './elements.js';
import { holdToken, sendWithRequests } from './held-token.js';
import { showProof } from './proof-section.js';
import { showToken } from './token-section.js';

const data = readPageData();
const held = holdToken(data.headers.Authorization?.replace(/^Bearer /, ''));
sendWithRequests(held);

const operations = data.operations.map(({ name, title, document, variables }) => ({
  name,
  title,
  query: document,
  variables: Object.keys(variables).length === 0 ? '' : JSON.stringify(variables, null, 2),
}));
const first = { query: data.first, variables: '' };

const place = byId('graphiql');
const editor = place && mountEditor(place, [first, ...operations]);

/** @param {string} name */
function open(name) {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined) return;
  editor?.show(operation);
  history.replaceState(null, '', `#${name}`);
  for (const link of document.querySelectorAll('a[data-persona]')) {
    // A persona is left with the same operation open.
    if (link instanceof HTMLAnchorElement) link.hash = name;
  }
}

for (const one of document.querySelectorAll('button[data-operation]')) {
  one.addEventListener('click', () => {
    open(one.getAttribute('data-operation') ?? '');
    place?.scrollIntoView();
  });
}
// GraphiQL draws its tabs after this.
if (location.hash !== '') setTimeout(() => open(location.hash.slice(1)), 300);

if (matchMedia('(max-width: 56rem)').matches) {
  // The editor stands below the guide there.
  for (const part of document.querySelectorAll('details[data-long]')) part.removeAttribute('open');
}
const toggle = byId('toggle');
toggle?.addEventListener('click', () => {
  const isOpen = toggle.getAttribute('aria-expanded') === 'true';
  toggle.setAttribute('aria-expanded', String(!isOpen));
  document.body.classList.toggle('without-guide', isOpen);
});

const tokenPlace = byId('token');
const token = tokenPlace && showToken(tokenPlace, data, held);
const proofPlace = byId('proof');
if (proofPlace && editor) {
  const [title = ''] = /(?<=^query )\w+/m.exec(data.first) ?? [];
  showProof(proofPlace, data, {
    held,
    ask: () => {
      editor.show({ title, ...first });
      // The editor takes the tab's text before it runs it.
      setTimeout(() => editor.run(), 100);
    },
    shown: async () => token?.lookAgain(),
  });
}
