/**
 * Makes an element. Texts are set as text, never as markup.
 *
 * @param {string} tag
 * @param {Readonly<Record<string, string>>} attributes
 * @param {...(string | Node)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * @param {string} text
 * @param {() => unknown} onClick
 * @returns {HTMLButtonElement}
 */
export function button(text, onClick) {
  const made = /** @type {HTMLButtonElement} */ (element('button', { type: 'button' }, text));
  made.addEventListener('click', onClick);
  return made;
}

/**
 * @param {string} id
 * @returns {HTMLElement | null}
 */
export function byId(id) {
  return document.getElementById(id);
}
