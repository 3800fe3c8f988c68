import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Inference and the local Hub share two cores on a small machine; a generous limit keeps a slow one green.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
});
