import { isoFromSeconds, type Period } from '../core/time.js';
import type { Builder } from './builder.js';

/** What both Period and PeriodInput are. */
export const PERIOD = 'A span of time, half-open: `from` is in it, `until` is not.';

/** Adds Period, the span of time that answers tell in. Once per subgraph. */
export function addPeriodType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Period>('Period').implement({
    shareable: true,
    description: PERIOD,
    fields: (t) => ({
      from: t.field({
        type: 'DateTime',
        description: 'The first second of it.',
        resolve: ({ from }) => isoFromSeconds(from),
      }),
      until: t.field({
        type: 'DateTime',
        description: 'The first second after it.',
        resolve: ({ until }) => isoFromSeconds(until),
      }),
    }),
  });
}

export type PeriodRef<Opened> = ReturnType<typeof addPeriodType<Opened>>;
