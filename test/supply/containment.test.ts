import { describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../src/core/ids.js';
import { followItem, itemsOf, type Round, staysOf } from '../../src/supply/containment.js';
import type { Containment, EventAction, TracedEvent } from '../../src/supply/model.js';
import type { TraceItem } from '../../src/supply/source.js';

const act = (
  timeMs: number,
  action: EventAction,
  child: string | null,
  parent: string,
): Containment => ({
  child,
  parent,
  action,
  timeMs,
});

describe('staysOf', () => {
  test.each([
    [
      'from the ADD to the DELETE',
      [act(1, 'ADD', 'p', 'A'), act(5, 'DELETE', 'p', 'A')],
      [['A', 1, 5]],
    ],
    ['without end while nothing ends it', [act(1, 'ADD', 'p', 'A')], [['A', 1, Infinity]]],
    ['from an OBSERVE that nothing preceded', [act(3, 'OBSERVE', 'p', 'A')], [['A', 3, Infinity]]],
    [
      'not split by an OBSERVE',
      [act(1, 'ADD', 'p', 'A'), act(3, 'OBSERVE', 'p', 'A'), act(5, 'DELETE', 'p', 'A')],
      [['A', 1, 5]],
    ],
    [
      'until the whole container is emptied',
      [act(1, 'ADD', 'p', 'A'), act(5, 'DELETE', null, 'A')],
      [['A', 1, 5]],
    ],
    [
      'not ended by another container being emptied',
      [act(1, 'ADD', 'p', 'A'), act(5, 'DELETE', null, 'B')],
      [['A', 1, Infinity]],
    ],
    [
      'until it is put into another',
      [act(1, 'ADD', 'p', 'A'), act(4, 'ADD', 'p', 'B')],
      [
        ['A', 1, 4],
        ['B', 4, Infinity],
      ],
    ],
    ['none from a DELETE alone', [act(5, 'DELETE', 'p', 'A')], []],
    [
      'once, though two captured it',
      [act(1, 'ADD', 'p', 'A'), act(1, 'ADD', 'p', 'A')],
      [['A', 1, Infinity]],
    ],
    [
      'in any order of arrival',
      [act(5, 'DELETE', 'p', 'A'), act(1, 'ADD', 'p', 'A')],
      [['A', 1, 5]],
    ],
  ] satisfies [string, Containment[], unknown[]][])('a stay is %s', (_, acts, stays) => {
    expect(staysOf(acts).map(({ parent, fromMs, untilMs }) => [parent, fromMs, untilMs])).toEqual(
      stays,
    );
  });
});

const ROOT: TraceItem = { epc: 'p', fromMs: 0, untilMs: 100 };

test('itemsOf follows pack, case and pallet, each only while the one below was in it', () => {
  const acts = [
    act(10, 'ADD', 'p', 'case'),
    act(50, 'DELETE', 'p', 'case'),
    act(5, 'ADD', 'case', 'pallet'),
    act(30, 'DELETE', 'case', 'pallet'),
    act(60, 'ADD', 'case', 'later pallet'),
    act(12, 'ADD', 'pallet', 'ship'),
  ];
  expect(itemsOf(ROOT, acts)).toEqual([
    ROOT,
    { epc: 'case', fromMs: 10, untilMs: 50 },
    { epc: 'pallet', fromMs: 10, untilMs: 30 },
  ]);
});

describe('followItem', () => {
  const event = (eventId: string, eventTimeMs: number, ...epcs: string[]): TracedEvent => ({
    eventId,
    type: 'ObjectEvent',
    action: 'OBSERVE',
    bizStep: null,
    disposition: null,
    eventTimeMs,
    readPoint: null,
    bizLocation: null,
    declaredInErrorMs: null,
    evidence: null,
    custodian: toInstitutionId('corner-pharmacy'),
    epcs,
  });

  test('leaves out what befell the case after the pack had left it, and other things in an event', async () => {
    const all = [event('c', 40, 'case', 'other'), event('d', 60, 'case'), event('a', 1, 'p')];
    const ask = async (items: readonly TraceItem[]): Promise<Round> => ({
      events: all.filter(({ epcs }) => items.some(({ epc }) => epcs.includes(epc))),
      containments: [act(10, 'ADD', 'p', 'case'), act(50, 'DELETE', null, 'case')],
      hasMore: false,
    });
    const { events } = await followItem(ROOT, ask);
    expect(events.map(({ eventId, epcs }) => [eventId, epcs])).toEqual([
      ['a', ['p']],
      ['c', ['case']],
    ]);
  });

  test('asks three rounds at most, even where each names a new container', async () => {
    let rounds = 0;
    await followItem(ROOT, async (items) => {
      rounds += 1;
      const containments = items.map(({ epc }) => act(1, 'ADD', epc, `${epc}+`));
      return { events: [], containments, hasMore: false };
    });
    expect(rounds).toBe(3);
  });

  test('asks about fifty things at most, however many containers a node makes up', async () => {
    let asked = 0;
    await followItem(ROOT, async (items) => {
      asked += items.length;
      const containments = Array.from({ length: 90 }, (_, i) => act(i, 'ADD', 'p', `case ${i}`));
      return { events: [], containments, hasMore: false };
    });
    expect(asked).toBeLessThanOrEqual(50);
  });

  test('containers that contain each other come to an end', async () => {
    const containments = [
      act(1, 'ADD', 'p', 'A'),
      act(1, 'ADD', 'A', 'B'),
      act(1, 'ADD', 'B', 'A'),
    ];
    await expect(
      followItem(ROOT, async () => ({ events: [], containments, hasMore: false })),
    ).resolves.toMatchObject({ events: [] });
  });
});
