/**
 * @typedef {object} ReadyOperation
 * @property {string} name
 * @property {string} title
 * @property {string} document
 * @property {Readonly<Record<string, unknown>>} variables
 */

/**
 * What the page was filled in with.
 *
 * @typedef {object} PageData
 * @property {readonly ReadyOperation[]} operations
 * @property {string} first - The query of the first tab.
 * @property {Readonly<Record<string, string>>} headers
 * @property {{ readonly name: string, readonly proves?: string } | null} persona - Only in the pilot.
 * @property {string | null} study
 * @property {string | null} pageKey
 */

/** @returns {PageData} */
export function readPageData() {
  return JSON.parse(document.getElementById('data')?.textContent ?? '{}');
}
