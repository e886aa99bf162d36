/**
 * Makes something once for each request, for example a DataLoader, and forgets it with the request.
 *
 * @param make - called with the request's context when it is first asked for.
 */
export function perRequest<Context extends object, Value>(
  make: (context: Context) => Value,
): (context: Context) => Value {
  const made = new WeakMap<Context, { readonly value: Value }>();
  return (context) => {
    const known = made.get(context) ?? { value: make(context) };
    made.set(context, known);
    return known.value;
  };
}
