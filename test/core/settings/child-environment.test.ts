import { afterEach, expect, test, vi } from 'vitest';
import { childEnvironment } from '../../../src/core/settings/child-environment.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test('a process that another starts is given NODE_ENV as that one was: it is a setting there', async () => {
  for (const given of ['development', undefined]) {
    vi.resetModules();
    vi.stubEnv('NODE_ENV', given);
    const { runLibrariesInProduction } = await import(
      '../../../src/core/settings/library-environment.js'
    );
    const { childEnvironment: fresh } = await import(
      '../../../src/core/settings/child-environment.js'
    );
    runLibrariesInProduction();
    expect(process.env.NODE_ENV).toBe('production');
    expect(fresh({}).NODE_ENV).toBe(given);
  }
});

test('settings stand in the place of its own', () => {
  expect(childEnvironment({ nodePort: 7 })).toMatchObject({ ASSENT_NODE_PORT: '7' });
});
