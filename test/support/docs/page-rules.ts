/** Words that a newcomer has to read twice; each has a plain one that says the same. */
const STRANGE = [
  'anew',
  'whoever',
  'whomever',
  'dear',
  'dearer',
  'hangs on',
  'hang on',
  'nobody who',
  'than the design',
  'than designed',
  'from the design',
  'beyond the design',
];

/** The text without fenced blocks and code spans, so that examples may say what they like. */
function withoutCode(page: string): string {
  return page.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** The words of a page that this project does not use, once each. */
export function strangeWords(page: string): string[] {
  const prose = withoutCode(page).replace(/\s+/g, ' ');
  return STRANGE.filter((words) => new RegExp(`\\b${words}\\b`, 'i').test(prose));
}

/** Lines with an arrow that points left: lists of files that only their author can read. */
export function arrowLists(page: string): string[] {
  return withoutCode(page)
    .split('\n')
    .filter((line) => line.includes('←'));
}

/** Relative links of a page, pictures included, as they are written. */
export function linksOf(page: string): string[] {
  const links = [...withoutCode(page).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)];
  return links.map(([, link]) => link ?? '').filter((link) => !/^[a-z]+:/i.test(link));
}

/** The anchors of a page's headings, by GitHub's rule: lower case, no punctuation, hyphens. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  const headings = page.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, title = '']) => {
    const plain = title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
    const anchor = plain.trim().replace(/\s/g, '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** What a page names in code style: each code span, and each word of a shell block. */
function namedIn(page: string): string[] {
  const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
  return spans.flatMap((span) => span.split(/[\s()[\]{}:,;|]+/));
}

/** Files and folders of this repository that a page names outside links. */
export function pathsOf(page: string): string[] {
  const path = /^(src|test|docs|schema|circuits|contracts|bench)\/[\w./-]*$/;
  return namedIn(page).filter((name) => path.test(name));
}

/** Scripts of npm that a page has its reader run. */
export function scriptsOf(page: string): string[] {
  return [...page.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name]) => name ?? '');
}

/** Names in camel case: functions, settings and fields, each of which some source has. */
export function camelNamesOf(page: string): string[] {
  return namedIn(page).filter((name) => /^[a-z]+[a-z0-9]*([A-Z][a-z0-9]*)+$/.test(name));
}
