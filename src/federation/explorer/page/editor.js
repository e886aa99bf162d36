/**
 * @typedef {{ readonly query: string | null, readonly variables: string | null }} Tab
 */

/** GraphiQL's own bundle, which is loaded before this. */
const { YogaGraphiQL } =
  /** @type {{ YogaGraphiQL: { renderYogaGraphiQL(root: Element, options: object): void } }} */ (
    /** @type {unknown} */ (globalThis)
  );

/** What GraphiQL would keep in the browser: queries may hold a secret, so that it ends with the page. */
function memoryStorage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    /** @param {string} key */
    getItem: (key) => kept.get(key) ?? null,
    /** @type {(key: string, value: string) => void} */
    setItem: (key, value) => void kept.set(key, value),
    /** @param {string} key */
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
    get length() {
      return kept.size;
    },
  };
}

/**
 * GraphiQL with a tab for each of these.
 *
 * @param {Element} place
 * @param {readonly Tab[]} tabs
 */
export function mountEditor(place, tabs) {
  /** @type {readonly Tab[]} */
  let open = tabs;

  /** @param {readonly Tab[]} shown */
  function render(shown) {
    open = shown;
    const root = document.createElement('div');
    root.className = 'editor';
    place.replaceChildren(root);
    YogaGraphiQL.renderYogaGraphiQL(root, {
      endpoint: '/graphql',
      defaultQuery: '',
      defaultTabs: shown,
      shouldPersistHeaders: false,
      storage: memoryStorage(),
      // Else each query would be written into the address, and so into the browser's history, and one taken from it.
      onEditQuery: () => undefined,
      initialQuery: undefined,
      /** @param {{ tabs: readonly Tab[] }} state */
      onTabChange: (state) => {
        open = state.tabs;
      },
    });
  }

  /** @param {string} title */
  function tabOf(title) {
    const buttons = [...place.querySelectorAll('.graphiql-tab-button')];
    return buttons.find(({ textContent }) => textContent === title);
  }

  render(tabs);
  // Of its own GraphiQL changes its ground, and not the colours of what is written on it.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => render(open));
  return {
    /**
     * Shows the tab of an operation. If it was closed it is opened again, before the others.
     *
     * @param {{ readonly title: string } & Tab} operation - by its name in GraphQL, which is its tab's title.
     */
    show({ title, query, variables }) {
      const tab = tabOf(title);
      if (tab === undefined) render([{ query, variables }, ...open]);
      else click(tab);
      tabOf(title)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
    /** Runs what the open tab holds, as its button does. */
    run() {
      const execute = place.querySelector('button.graphiql-execute-button');
      if (execute !== null) click(execute);
    },
  };
}

/** @param {Element} target */
function click(target) {
  target.dispatchEvent(new MouseEvent('click', { bubbles: true }));
}
