import type { Builder } from '../../graph/builder.js';
import { describedValues } from '../../graph/words.js';
import type { DAYS_OF_WEEK, DosageTiming, EVENT_TIMINGS, TIME_UNITS } from '../model/dosage.js';
import { NULL_UNCODED, NULL_UNSAID, PERIOD_NULL } from '../model/elements.js';
import type { ConceptTypes } from './type-concept.js';

const TIME_UNIT: Readonly<Record<(typeof TIME_UNITS)[number], string>> = {
  S: 'Seconds.',
  MIN: 'Minutes.',
  H: 'Hours.',
  D: 'Days.',
  WK: 'Weeks.',
  MO: 'Months.',
  A: 'Years.',
};

const DAY_OF_WEEK: Readonly<Record<(typeof DAYS_OF_WEEK)[number], string>> = {
  MON: 'Monday.',
  TUE: 'Tuesday.',
  WED: 'Wednesday.',
  THU: 'Thursday.',
  FRI: 'Friday.',
  SAT: 'Saturday.',
  SUN: 'Sunday.',
};

/** @source FHIR R4, http://hl7.org/fhir/event-timing and v3-TimingEvent, in short */
const EVENT_TIMING: Readonly<Record<(typeof EVENT_TIMINGS)[number], string>> = {
  MORN: 'In the morning.',
  MORN_EARLY: 'Early in the morning.',
  MORN_LATE: 'Late in the morning.',
  NOON: 'Around noon.',
  AFT: 'In the afternoon.',
  AFT_EARLY: 'Early in the afternoon.',
  AFT_LATE: 'Late in the afternoon.',
  EVE: 'In the evening.',
  EVE_EARLY: 'Early in the evening.',
  EVE_LATE: 'Late in the evening.',
  NIGHT: 'At night.',
  PHS: 'When asleep.',
  HS: 'Before sleep.',
  WAKE: 'After waking.',
  C: 'At a meal.',
  CM: 'At breakfast.',
  CD: 'At lunch.',
  CV: 'At dinner.',
  AC: 'Before a meal.',
  ACM: 'Before breakfast.',
  ACD: 'Before lunch.',
  ACV: 'Before dinner.',
  PC: 'After a meal.',
  PCM: 'After breakfast.',
  PCD: 'After lunch.',
  PCV: 'After dinner.',
};

const TIMING =
  '`frequency` times in `period` of `periodUnit`; a number with `Max` is the upper end of a range.';

/** Adds DosageTiming: FHIR's Timing without `event`. */
export function addDosageTiming<Opened>(builder: Builder<Opened>, types: ConceptTypes<Opened>) {
  const { units, days, events } = addTimeEnums(builder);
  return builder.objectRef<DosageTiming>('DosageTiming').implement({
    description: TIMING,
    fields: (t) => {
      const int = (
        name: 'count' | 'countMax' | 'frequency' | 'frequencyMax' | 'offset',
        of: string,
      ) => t.exposeInt(name, { nullable: true, description: `${of} ${NULL_UNSAID}` });
      const decimal = (name: 'duration' | 'durationMax' | 'period' | 'periodMax', of: string) =>
        t.expose(name, { type: 'Decimal', nullable: true, description: `${of} ${NULL_UNSAID}` });
      const unit = (name: 'durationUnit' | 'periodUnit', of: string) =>
        t.expose(name, { type: units, nullable: true, description: `${of} ${NULL_UNSAID}` });
      return {
        boundsDuration: t.expose('boundsDuration', {
          type: types.QuantityRef,
          nullable: true,
          description: `Total duration. ${NULL_UNSAID}`,
        }),
        boundsRange: t.expose('boundsRange', {
          type: types.RangeRef,
          nullable: true,
          description: `Total duration as a range. ${NULL_UNSAID}`,
        }),
        boundsPeriod: t.expose('boundsPeriod', {
          type: types.PeriodRef,
          nullable: true,
          description: `The first and the last time of the schedule. ${PERIOD_NULL}`,
        }),
        count: int('count', 'Total number of times.'),
        countMax: int('countMax', 'Maximum total number of times.'),
        duration: decimal('duration', 'How long each time takes.'),
        durationMax: decimal('durationMax', 'How long each time takes at most.'),
        durationUnit: unit('durationUnit', 'The unit of `duration`.'),
        frequency: int('frequency', 'How many times in `period`.'),
        frequencyMax: int('frequencyMax', 'How many times in `period` at most.'),
        period: decimal('period', 'The length of the period, in `periodUnit`.'),
        periodMax: decimal('periodMax', 'The maximum length of the period.'),
        periodUnit: unit('periodUnit', 'The unit of `period`.'),
        dayOfWeek: t.expose('dayOfWeek', {
          type: [days],
          description: 'Only on these days. Empty: on any.',
        }),
        timeOfDay: t.exposeStringList('timeOfDay', {
          description: 'Only at these times of day, hh:mm:ss. Empty: at any.',
        }),
        when: t.expose('when', {
          type: [events],
          description: 'Only at these events of the day. Empty: at any time.',
        }),
        offset: int('offset', 'Minutes before or after the event in `when`.'),
        code: t.expose('code', {
          type: types.CodeableConceptRef,
          nullable: true,
          description: `The schedule as a code, for example twice a day. ${NULL_UNCODED}`,
        }),
      };
    },
  });
}

function addTimeEnums<Opened>(builder: Builder<Opened>) {
  const units = builder.enumType('TimeUnit', {
    description: 'A UCUM unit of time.',
    values: describedValues(TIME_UNIT),
  });
  const days = builder.enumType('DayOfWeek', {
    description: 'A day of the week.',
    values: describedValues(DAY_OF_WEEK),
  });
  const events = builder.enumType('EventTiming', {
    description: 'A time of day or a daily event, as FHIR EventTiming.',
    values: describedValues(EVENT_TIMING),
  });
  return { units, days, events };
}
