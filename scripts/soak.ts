/**
 * `npm run soak`: the tests of `npm run faults` that try what is random, as often as a night allows: a day's polls (24 min at
 * the pace of one a second), all attacks together for 20 min, 300 kills, 20,000 histories, 100,000 cases of each fuzz. Takes about an hour; each size can be
 * set by its variable.
 */
import { spawnSync } from 'node:child_process';

const sizes = { DAY_SECONDS: '1440', ATTACK_SECONDS: '1200', KILLS: '300', HISTORIES: '20000', FUZZ_CASES: '100000' };
const unit = [
  'test/domain/poll.property.test.ts',
  'test/stories/model.test.ts',
  'test/stories/mutations.test.ts',
  'test/stories/label-texts.test.ts',
  'test/config/exporter/load.test.ts',
  'test/http/metrics/negotiate.test.ts',
  'test/http/metrics/scrape.test.ts',
];
const e2e = ['test/e2e/faults/day.test.ts', 'test/e2e/faults/attacks.test.ts', 'test/e2e/faults/kill.test.ts'];

const statuses = Object.entries({ unit, e2e }).map(([project, files]) => {
  console.log(
    `── ${project}: ${Object.entries({ ...sizes, ...process.env })
      .filter(([name]) => name in sizes)
      .join(' ')}`,
  );
  const words = ['run', '--config', 'test/vitest.config.ts', '--project', project, '--reporter=verbose', ...files];
  return spawnSync('vitest', words, { stdio: 'inherit', env: { ...sizes, ...process.env } }).status;
});
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
