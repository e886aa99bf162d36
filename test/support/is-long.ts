/** Whether this is `npm run test:long`, in which a test that has a long form runs it. */
export const IS_LONG = process.env.TEST_LONG === '1';
