import { escapeHtml, renderPage } from './markup.js';
import type { Persona } from './personas.js';

/**
 * The page of a persona that is not there.
 *
 * @param path - the page that was asked for, without its query.
 * @param personas - those there are; none for a gateway that is no pilot's.
 */
export function renderUnknownPersona(path: string, personas: readonly Persona[]): string {
  const links = personas.map(
    ({ name, can }) =>
      `<li><a href="${path}?persona=${encodeURIComponent(name)}">${escapeHtml(name)}</a> ${escapeHtml(can)}</li>`,
  );
  const body =
    links.length === 0
      ? `<p>Only a pilot has personas: this gateway holds no requester's key.
<a href="${path}">Open the page without one</a>, and send a token that you sign yourself.</p>`
      : `<p>The pilot has these:</p>\n<ul class="personas">\n${links.join('\n')}\n</ul>`;
  return renderPage(
    'Assent: no such persona',
    `<main class="reading">\n<h1>There is no such persona</h1>\n${body}\n</main>`,
  );
}
