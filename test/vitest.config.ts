import { defineConfig } from 'vitest/config';
import { prometheuses } from './support/prometheuses.ts';

/** What asks a Prometheus, its promtool or its Alertmanager runs on each of them. */
const rules = 'test/e2e/rules/**/*.test.ts';
const incidents = 'test/e2e/incidents/**/*.test.ts';
/** It waits for alerts, and asks of Prometheus what each can do: once is enough. */
const reachability = 'test/e2e/reachability/**/*.test.ts';
const charts = 'test/e2e/chart/**/*.test.ts';
const demo = 'test/e2e/web/browser-demo.test.ts';
const onKubernetes = 'test/e2e/kubernetes/**/*.test.ts';
const e2e = {
  globalSetup: ['test/e2e/setup.ts'],
  setupFiles: ['test/e2e/tried-twice.ts'],
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 300_000,
};
/** Where a run writes what became of each test, for the table of faults. */
const results = process.env['UNIT_RESULTS'];
/**
 * Helm and promtool look at files and have no clock: such files are tested side by side, however long a busy machine takes.
 * Whoever looks at the demo only waits.
 */
const besides = { ...e2e, fileParallelism: true, testTimeout: 600_000 };

/**
 * `npm test` runs what needs nothing but Node; `npm run e2e` runs test/e2e with real tools: the projects "chart" and
 * "demo", two for each Prometheus, and "e2e" for the rest; `npm run e2e:kubernetes` runs what asks a cluster.
 */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // More than cores: most tests wait for a server, a process or a disk.
    maxWorkers: 3,
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    // What is waited for comes when the machine has time for it.
    expect: { poll: { timeout: 60_000 } },
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
          exclude: ['test/e2e/**', '**/node_modules/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          ...e2e,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [rules, incidents, reachability, charts, demo, onKubernetes],
        },
      },
      { extends: true, test: { ...besides, name: 'chart', include: [charts] } },
      { extends: true, test: { ...besides, name: 'demo', include: [demo] } },
      {
        extends: true,
        test: {
          ...e2e,
          name: 'kubernetes',
          include: [onKubernetes],
          globalSetup: ['test/e2e/kubernetes/setup.ts'],
          // Most of it waits for controllers.
          fileParallelism: true,
          testTimeout: 600_000,
        },
      },
      ...prometheuses.flatMap(({ name }) => [
        // Stories that are told at the same time share a promtool.
        {
          extends: true as const,
          test: { ...besides, name, include: [rules], maxConcurrency: 50, provide: { prometheus: name } },
        },
        {
          extends: true as const,
          test: {
            ...e2e,
            name: `${name}-incidents`,
            include: name === 'prometheus-3' ? [incidents, reachability] : [incidents],
            provide: { prometheus: name },
          },
        },
      ]),
    ],
  },
});
