/**
 * `npm run check`: the one gate. Runs every stage, prints the seconds each took, fails if any failed.
 * With `-- --static` it leaves out the tests, for where `npm test` has just run.
 */
import { spawnSync } from 'node:child_process';

const statically: readonly (readonly [name: string, command: string])[] = [
  ['types of src', 'tsc --noEmit'],
  ['types of test', 'tsc -p test'],
  ['format and lint', 'biome check --error-on-warnings .'],
  ['unused code', 'knip --no-progress'],
];
const tests = ['tests', 'vitest run --config test/vitest.config.ts --project unit --coverage'] as const;

const given = process.argv.slice(2);
const unknown = given.filter((word) => word !== '--static');
if (unknown.length > 0) {
  console.error(`Unknown argument ${unknown.join(' ')}: there is only --static`);
  process.exit(2);
}

const stages = given.includes('--static') ? statically : [...statically, tests];
const results = stages.map(([name, command]) => {
  console.log(`\n── ${name}: ${command}`);
  const start = performance.now();
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
  return {
    name,
    passed: status === 0,
    seconds: (performance.now() - start) / 1000,
  };
});

console.log('');
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
