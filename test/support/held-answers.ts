import { afterEach } from 'vitest';
import { holdAnswers, takeFaults } from '../federation/valid-answer/held.js';

// Every answer that a GraphQL server gives in any test is one that its schema allows.
holdAnswers();
afterEach(() => {
  const faults = takeFaults();
  if (faults.length > 0) throw new Error(`an answer that its schema does not allow: ${faults[0]}`);
});
