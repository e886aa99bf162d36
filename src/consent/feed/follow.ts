import { randomInt } from 'node:crypto';
import { Backoff } from '../../core/backoff.js';
import { codeOf } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { type Repeated, repeatAtCadence } from '../base/repeat-at-cadence.js';
import { type Feed, feedHealth } from './feed.js';
import { settleForks } from './forks.js';
import { learnForks } from './learn-forks.js';
import { offerHeld } from './offer.js';
import type { FeedPeers } from './peers.js';
import { settleSuspended } from './suspended.js';
import { activeInstitutions, followedInstitutions, syncFeed } from './sync.js';

/** Well below FEED_GAP_MS: a peer that is back is followed again before any consent is held up for it. */
const MAX_WAIT_MS = 15_000;

/**
 * Follows every feed, and asks for evidence of forks, at a fixed cadence; the pilot's is one second.
 * Each feed is asked for by itself: an institution that answers slowly holds up its own alone, and one that fails or
 * lies is asked again ever more seldom, up to every 15 s.
 */
export function startFeedSync(
  feed: Feed,
  options: { readonly peers: FeedPeers; readonly everyMs: number; readonly log: Logger },
): Repeated {
  const { peers, everyMs, log } = options;
  const onError = (thrown: unknown) => log.warn({ code: codeOf(thrown) }, 'feeds not synced');
  const inTurns = takeTurns(onError);
  const tellForks = forkTeller(feed, log);
  const backoff = new Backoff({ firstMs: 2 * everyMs, mostMs: Math.max(MAX_WAIT_MS, everyMs) });
  const repeated = repeatAtCadence({
    everyMs,
    work: async () => {
      for (const of of followedInstitutions(feed)) {
        inTurns.begin(`feed/${of.id}`, async () => {
          const failure = await syncFeed(feed, peers, of, backoff);
          if (failure) log.debug(failure, 'feed not synced');
        });
      }
      inTurns.begin('learn', async () => {
        await learnForks(feed, peers, backoff).catch((thrown: unknown) => {
          log.debug({ code: codeOf(thrown) }, 'no evidence learnt');
        });
        tellForks();
      });
      inTurns.begin('offer', () => offerHeld(feed, peers));
      inTurns.begin('settle', async () => {
        await settleForks(feed);
        // One node in a second, on average: the next finds what that one has published already.
        if (randomInt(activeInstitutions(feed).length) === 0) await settleSuspended(feed);
      });
    },
    onError,
  });
  return {
    stop: async () => {
      await repeated.stop();
      await inTurns.settled();
    },
  };
}

/** Work that is not begun again while it is in hand. */
function takeTurns(onError: (thrown: unknown) => void) {
  const inHand = new Map<string, Promise<void>>();
  return {
    begin(name: string, work: () => Promise<void>): void {
      if (inHand.has(name)) return;
      const done = work()
        .catch(onError)
        .finally(() => inHand.delete(name));
      inHand.set(name, done);
    },
    async settled(): Promise<void> {
      await Promise.all(inHand.values());
    },
  };
}

/** Says once of each institution that it forked its feed: governance has to know. */
function forkTeller(feed: Feed, log: Logger): () => void {
  const told = new Set<InstitutionId>();
  return () => {
    for (const institution of feedHealth(feed).forked) {
      if (!told.has(institution)) log.error({ code: 'FEED_FORKED', institution }, 'feed forked');
      told.add(institution);
    }
  };
}
