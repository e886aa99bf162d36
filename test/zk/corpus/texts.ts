import type { Random } from './random.js';

/** Other texts of the same number, and texts that are none. */
export function oddText(text: string, random: Random): string {
  return random.pick<() => string>([
    () => `0${text}`,
    () => `00000${text}`,
    () => `-${text}`,
    () => `+${text}`,
    () => `0x${BigInt(text).toString(16)}`,
    () => `0b${BigInt(text).toString(2)}`,
    () => ` ${text}`,
    () => `${text}\n`,
    () => `${text}.0`,
    () => `${text}n`,
    () => `${text}e0`,
    () => text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x0660 + Number(digit))),
    () => `${text}\u0000`,
    () => '',
    () => 'NaN',
    () => 'Infinity',
    () => '1_000',
    () => `${text},${text}`,
  ])();
}

/** Values of other types, as JSON can carry them; some deep, some wide. */
export function oddValue(text: string, random: Random): unknown {
  return random.pick<() => unknown>([
    () => Number(text),
    () => null,
    () => true,
    () => -1,
    () => 1e308,
    () => [],
    () => [text],
    () => [[text]],
    () => ({}),
    () => ({ toString: text }),
    () => ({ length: 3, 0: text, 1: text, 2: text }),
    () => nested(1 + random.int(200)),
    () => Array.from({ length: 1 + random.int(2000) }, () => text),
    () => JSON.parse(`{"__proto__":["${text.slice(0, 20)}"],"pi_a":{}}`),
    () => ['pi_a', 'pi_b', 'pi_c'],
  ])();
}

function nested(depth: number): unknown {
  let value: unknown = '1';
  for (let left = depth; left > 0; left -= 1) value = left % 3 === 0 ? { pi_a: value } : [value];
  return value;
}

/** Changes one text of the three points of a proof. */
export function replaceLeaf(
  proof: object,
  random: Random,
  change: (text: string) => unknown,
): unknown {
  const [name, outer, inner] = [
    random.pick(['pi_a', 'pi_b', 'pi_c']),
    random.int(3),
    random.int(2),
  ];
  const map = (value: unknown, at: number, by: (item: unknown) => unknown) =>
    (value as readonly unknown[]).map((item, i) => (i === at ? by(item) : item));
  const leaf = (item: unknown) => change(String(item));
  const point = (proof as Record<string, unknown>)[name];
  const replaced = map(point, outer, (item) =>
    name === 'pi_b' ? map(item, inner, leaf) : leaf(item),
  );
  return { ...proof, [name]: replaced };
}
