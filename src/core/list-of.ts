import { z } from 'zod';

/**
 * A list of what another party sent: its length is looked at first, and nothing behind the first bad element. A plain
 * `z.array` makes an issue of each bad element before it looks at the length: a million of them block the process.
 *
 * @param most - elements at most.
 * @param least - and at least; none unless given.
 */
export function listOf<Element extends z.ZodType>(element: Element, most: number, least = 0) {
  return z
    .custom<readonly unknown[]>(Array.isArray)
    .transform((values, context): z.output<Element>[] => {
      if (values.length > most || values.length < least) {
        context.addIssue({ code: 'custom', message: `not ${least} to ${most} elements` });
        return z.NEVER;
      }
      const read: z.output<Element>[] = [];
      for (const [place, value] of values.entries()) {
        const { success, data } = element.safeParse(value);
        if (!success) {
          context.addIssue({ code: 'custom', message: 'a bad element', path: [place] });
          return z.NEVER;
        }
        read.push(data);
      }
      return read;
    });
}
