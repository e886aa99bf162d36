/** What a program of this bench is asked while it runs. */
export const CPU_QUESTION = 'cpu';

/**
 * Says where a program listens, as one line of JSON, and from then on how much CPU it has used whenever it is
 * asked. It ends with the bench, in whatever way that ends.
 */
export function sayOnceReady(said: object): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (question) => {
    if (question !== CPU_QUESTION) return;
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1_000 });
  });
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
