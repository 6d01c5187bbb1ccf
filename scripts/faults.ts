/**
 * `npm run faults`: runs the tests that test/e2e/faults/rows.ts names, and prints the table of faults with what became of each.
 * With `--e2e` (`npm run e2e`) it runs every suite of test/e2e besides. `UNIT_RESULTS` names the file in which `npm test` has
 * written what became of each test, so that none is run twice for nothing. A row whose test failed, did not run or does not
 * exist has failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Proof, type Row, rows, sections } from '../test/e2e/faults/rows.ts';
import { prometheuses } from '../test/support/prometheuses.ts';

interface TestResult {
  readonly file: string;
  readonly name: string;
  readonly status: string;
  readonly figure: string | null;
}

const root = new URL('..', import.meta.url).pathname;
/** What is random is tried as often as the promises say. */
const sizes = { FUZZ_CASES: '10000', HISTORIES: '2000' };

/** Runs test files in those projects that have them; their results, and whether the run as a whole was good. */
function run(
  projects: readonly string[],
  files: readonly string[],
  ...more: readonly string[]
): { passed: boolean; results: readonly TestResult[] } {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const output = join(folder, 'results.json');
  const words = ['run', '--config', 'test/vitest.config.ts', ...more, ...files];
  const among = projects.map((project) => `--project=${project}`);
  const { status } = spawnSync(
    'vitest',
    [...words, ...among, '--reporter=default', '--reporter=json', `--outputFile=${output}`],
    {
      cwd: root,
      stdio: 'inherit',
      // This run's results go elsewhere than those of `npm test`.
      env: { ...sizes, ...process.env, UNIT_RESULTS: undefined },
    },
  );
  const results = resultsIn(output);
  rmSync(folder, { recursive: true, force: true });
  return { passed: status === 0, results };
}

function resultsIn(file: string): readonly TestResult[] {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as { testResults: readonly FileResult[] };
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status, meta }) => ({
      file: relative(root, name),
      name: [...ancestorTitles, title].join(' '),
      status,
      figure: typeof meta?.['figure'] === 'string' ? meta['figure'] : null,
    })),
  );
}

interface FileResult {
  readonly name: string;
  readonly assertionResults: readonly {
    readonly ancestorTitles: readonly string[];
    readonly title: string;
    readonly status: string;
    readonly meta?: Readonly<Record<string, unknown>>;
  }[];
}

/** null when every test that it means has passed, and there is one; else what is wrong. */
function wrongWith({ file, test }: Proof, results: readonly TestResult[]): string | null {
  const meant = results.filter((result) => result.file === file && result.name.includes(test));
  if (meant.length === 0) return `no such test: ${file}: ${test}`;
  const bad = meant.find(({ status }) => status !== 'passed');
  return bad ? `${bad.status}: ${file}: ${bad.name}` : null;
}

function print(row: Row, results: readonly TestResult[]): boolean {
  const wrong = row.proofs.flatMap((one) => wrongWith(one, results) ?? []);
  const meant = results.filter(({ file, name }) =>
    row.proofs.some((one) => one.file === file && name.includes(one.test)),
  );
  const figures = meant.flatMap(({ figure }) => figure ?? []);
  const passed = row.proofs.length > 0 && wrong.length === 0;
  const count = `${meant.length} ${meant.length === 1 ? 'test ' : 'tests'}`;
  console.log(`  ${passed ? 'ok    ' : 'FAILED'}  ${row.fault.padEnd(58)} ${count.padStart(9)}  ${figures.join('; ')}`);
  for (const file of new Set(row.proofs.map((one) => one.file))) console.log(`          ${file}`);
  for (const problem of wrong) console.log(`          ${problem}`);
  return passed;
}

const e2e = ['e2e', 'chart', 'demo', ...prometheuses.flatMap(({ name }) => [name, `${name}-incidents`])];
const everything = process.argv.includes('--e2e');
const named = [...new Set(rows.flatMap(({ proofs }) => proofs.map(({ file }) => file)))];
const isE2e = (file: string) => file.startsWith('test/e2e/');
const others = readdirSync(join(root, 'test/e2e'), { recursive: true, encoding: 'utf8' })
  .map((file) => `test/e2e/${file}`)
  .filter((file) => file.endsWith('.test.ts') && !named.includes(file));
const units = named.filter((file) => !isE2e(file));
/** What `npm test` has just written; only what is random is tried again then, and more often. */
const known = process.env['UNIT_RESULTS'];
const isRandom = (file: string) => readFileSync(join(root, file), 'utf8').includes('support/sizes.ts');
const again = known === undefined ? units : units.filter(isRandom);
const runs = [
  ...(known === undefined
    ? []
    : [{ passed: true, results: resultsIn(known).filter(({ file }) => !again.includes(file)) }]),
  run(['unit'], again),
  // A fault is survived at once or not at all. Browsers, containers and Prometheus have deadlines of their own, which a busy
  // machine breaks: what they are part of is tried once more, and said to be.
  run(e2e, named.filter(isE2e)),
  ...(everything ? [run(e2e, others, '--retry=1')] : []),
];
const results = runs.flatMap((one) => one.results);

console.log(`\nFaults, and the tests that prove them survived (${Object.entries(sizes).flat().join(' ')}):`);
let failed = 0;
for (const [section, title] of Object.entries(sections)) {
  console.log(`\n${section}. ${title}`);
  for (const row of rows.filter((one) => one.section === section)) if (!print(row, results)) failed++;
}
console.log(`\n${rows.length - failed} of ${rows.length} faults survived`);
process.exitCode = failed === 0 && runs.every(({ passed }) => passed) ? 0 : 1;
