/**
 * Instances of FHIR Shorthand as JSON: enough of the language for instances that only assign values.
 *
 * @source https://hl7.org/fhir/uv/shorthand/ (rules for assigning, soft indexing, codes, references)
 */
export interface FshInstance {
  readonly name: string;
  readonly instanceOf: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Where FHIR has lists and concepts in a resource; FSH leaves both out. */
export interface FshShape {
  readonly resourceType: string;
  isList(path: string): boolean;
  isConcept(path: string): boolean;
}

const RULE = /^\* (\S+) = (.+)$/;
const PART = /^([A-Za-z]+(?:\[x\])?)((?:\[[^\]]*\])*)$/;

/** Every instance of the text whose InstanceOf the shape is for. */
export function readFsh(
  text: string,
  isWanted: (instanceOf: string) => boolean,
  shape: FshShape,
): readonly FshInstance[] {
  return text
    .split(/^(?=(?:Instance|Profile|RuleSet|ValueSet|Extension|CodeSystem):)/m)
    .flatMap((block) => {
      const name = /^Instance:\s*(\S+)/.exec(block)?.[1];
      const instanceOf = /^InstanceOf:\s*(\S+)/m.exec(block)?.[1];
      if (name === undefined || instanceOf === undefined || !isWanted(instanceOf)) return [];
      return [{ name, instanceOf, json: instanceJson(block, name, shape) }];
    });
}

type Node = Record<string, unknown>;

function instanceJson(block: string, id: string, shape: FshShape): Node {
  const json: Node = { resourceType: shape.resourceType, id };
  // Within """ … """ a line may begin with an asterisk too.
  for (const line of block.replace(/"""[\s\S]*?"""/g, '').split('\n')) {
    const [, path, value] = RULE.exec(line.trim()) ?? [];
    if (path !== undefined && value !== undefined) assign(json, path.trim(), value, shape);
  }
  return json;
}

function assign(json: Node, path: string, text: string, shape: FshShape): void {
  const parts = path.split('.');
  let node = json;
  let walked = '';
  for (const [i, part] of parts.entries()) {
    const [, name = '', brackets = ''] = PART.exec(part) ?? [];
    walked = walked === '' ? name : `${walked}.${name}`;
    const isLast = i === parts.length - 1;
    const value = isLast ? readValue(text, shape.isConcept(walked)) : undefined;
    if (!shape.isList(walked)) {
      if (isLast) node[name] = value;
      else node = node[name] === undefined ? fresh(node, name) : (node[name] as Node);
      continue;
    }
    node[name] ??= [];
    const list = node[name] as unknown[];
    const at = brackets.includes('[+]') ? list.length : Math.max(list.length - 1, 0);
    if (isLast) list[at] = value;
    else {
      list[at] ??= {};
      node = list[at] as Node;
    }
  }
}

function fresh(node: Node, name: string): Node {
  const made: Node = {};
  node[name] = made;
  return made;
}

function readValue(text: string, isConcept: boolean): unknown {
  const quoted = /^"(.*)"$/.exec(text);
  if (quoted) return quoted[1];
  const reference = /^Reference\(([^)]+)\)/.exec(text);
  if (reference) return { reference: reference[1] };
  const code = /^([^\s#]*)#(\S+)(?:\s+"(.*)")?$/.exec(text);
  if (!code) return text;
  const [, system, symbol, display] = code;
  if (system === '') return symbol;
  const coding = { system, code: symbol, ...(display === undefined ? {} : { display }) };
  return isConcept ? { coding: [coding] } : coding;
}
