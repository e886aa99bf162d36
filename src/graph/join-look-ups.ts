import DataLoader from 'dataloader';

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
  const loaders = new WeakMap<Context, DataLoader<Key, Value, string>>();
  return (context, key) => {
    const loader =
      loaders.get(context) ??
      new DataLoader<Key, Value, string>((keys) => read(context, keys), {
        cacheKeyFn: (one) => JSON.stringify(one),
        maxBatchSize: most,
      });
    loaders.set(context, loader);
    return loader.load(key);
  };
}
