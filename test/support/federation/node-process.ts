/**
 * A node with the real authentication and a schema as small as one can be, in a process of its own
 * that a test kills. Run: tsx test/support/federation/node-process.ts PORT
 */
import { createAuthenticate } from '../../../src/consent/gate/authenticate.js';
import { systemClock } from '../../../src/core/clock.js';
import { RIVERSIDE } from '../names.js';
import { startWidgetNode } from './stand.js';

const authenticate = createAuthenticate({
  institution: RIVERSIDE,
  clock: systemClock,
  maxTokenSeconds: 600,
});
const open = async (request: Parameters<typeof authenticate>[0]) =>
  `opened for ${(await authenticate(request)).holder?.thumbprint}`;
const { endpoint } = await startWidgetNode({ open }, Number(process.argv[2]));
console.log(endpoint);
