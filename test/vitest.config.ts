import { defineConfig } from 'vitest/config';

/** `npm test` runs what needs nothing but Node; `npm run e2e` runs test/e2e with real tools (project "e2e"). */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // More than cores: most tests wait for a server, a process or a disk.
    maxWorkers: 3,
    // What is waited for comes when the machine has time for it.
    expect: { poll: { timeout: 10_000 } },
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      reporter: ['text-summary'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          setupFiles: ['test/e2e/tried-twice.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
