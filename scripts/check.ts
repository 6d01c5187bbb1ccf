/** `npm run check`: the one gate. Runs every stage, prints the seconds each took, fails if any failed. */
import { spawnSync } from 'node:child_process';

const stages: readonly (readonly [name: string, command: string])[] = [
  ['types of src', 'tsc --noEmit'],
  ['types of test', 'tsc -p test'],
  ['format and lint', 'biome check --error-on-warnings .'],
  ['unused code', 'knip --no-progress'],
  ['tests', 'vitest run --config test/vitest.config.ts --project unit --coverage'],
];

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
