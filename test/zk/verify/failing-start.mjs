/** The thread that verifies; it does not begin while the environment says so, as without memory. */
if (process.env.VERIFYING_THREAD_FAILS) throw new Error('it does not begin');
await import('../../../dist/zk/verify/thread.js');
