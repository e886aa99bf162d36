import DataLoader from 'dataloader';
import { perRequest } from './per-request.js';

/**
 * Joins the look-ups of one request into one call to `read`. Nothing is kept beyond the request.
 *
 * @param read - as many answers as keys, in their order; an Error stands for its own key alone.
 * @param most - keys in one call.
 */
export function joinLookUps<Context extends object, Key, Value>(
  read: (context: Context, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>,
  most: number,
): (context: Context, key: Key) => Promise<Value> {
  const loaderOf = perRequest((context: Context) => {
    return new DataLoader<Key, Value, string>((keys) => read(context, keys), {
      cacheKeyFn: (one) => JSON.stringify(one),
      maxBatchSize: most,
    });
  });
  return (context, key) => loaderOf(context).load(key);
}
