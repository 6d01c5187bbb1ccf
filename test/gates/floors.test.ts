import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../../src/', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** Which folders a folder may import besides itself. '' is the top level of src. */
const floors: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  metrics: ['domain'],
  exposition: ['domain', 'metrics'],
  config: ['domain'],
  atlas: ['domain'],
  state: ['domain'],
  telemetry: ['domain', 'metrics'],
  http: ['domain', 'metrics'],
  pages: ['domain'],
  polling: ['domain'],
  simulator: [],
  app: ['atlas', 'config', 'domain', 'exposition', 'http', 'pages', 'polling', 'state', 'telemetry'],
  cli: ['app', 'atlas', 'config', 'domain', 'http', 'polling', 'simulator', 'telemetry'],
  '': ['app', 'cli'],
};

/** The one place of each library: a folder or a file. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  'prom-client': ['telemetry/registry.ts'],
  pino: ['telemetry/logger.ts'],
  marked: ['pages/runbooks.ts'],
  'node-cron': ['polling/cron.ts'],
  'digest-fetch': ['atlas/access/digest.ts'],
  'p-retry': ['atlas/http/client.ts'],
  'p-queue': ['atlas/access/credential.ts'],
  oauth4webapi: ['atlas/access/service-account.ts'],
  undici: ['atlas'],
  'string-width': ['cli/table.ts'],
  zod: ['atlas', 'config'],
  yaml: ['config'],
  ms: ['config'],
  commander: ['cli'],
  hono: ['http', 'pages'],
  '@hono/node-server': ['http'],
  '@node-rs/bcrypt': ['http'],
  'node:sqlite': ['state'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

const imports = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)(?<type> type)?\s[^;]*?from '(?<from>[^']+)'|import\('(?<lazy>[^']+)'\)/gm),
  ];
  return found.map(
    ({ groups }): Import => ({
      file,
      from: groups?.['from'] ?? groups?.['lazy'] ?? '',
      typeOnly: groups?.['type'] !== undefined,
    }),
  );
});

const folderOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : '');
const isIn = (file: string, place: string) => file === place || file.startsWith(`${place}/`);

const inner = imports
  .filter(({ from }) => from.startsWith('.'))
  .map(({ file, from }) => ({ file, to: relative(root, join(root, dirname(file), from)) }));

test('each floor imports only what lies below it', () => {
  const wrong = inner
    .filter(({ file, to }) => folderOf(file) !== folderOf(to) && !floors[folderOf(file)]?.includes(folderOf(to)))
    .map(({ file, to }) => `${file} imports ${to}`);
  expect(wrong).toEqual([]);
});

test('the table of floors allows no import that nobody makes', () => {
  const made = new Set(inner.map(({ file, to }) => `${folderOf(file)} imports ${folderOf(to)}`));
  const allowed = Object.entries(floors).flatMap(([from, below]) => below.map((to) => `${from} imports ${to}`));
  expect(allowed.filter((edge) => !made.has(edge))).toEqual([]);
});

test('no files import each other in a circle, types included', () => {
  const targets = new Map(files.map((file) => [file, inner.filter((one) => one.file === file).map(({ to }) => to)]));
  // What imports nothing that is left is in no circle: it goes, until nothing more can go.
  for (let before = -1; before !== targets.size; ) {
    before = targets.size;
    for (const [file, to] of targets) if (!to.some((one) => targets.has(one))) targets.delete(file);
  }
  expect([...targets.keys()]).toEqual([]);
});

test('each library lives in one place', () => {
  const wrong = imports
    .filter(({ from }) => !from.startsWith('.'))
    .filter(({ file, from }) => {
      const library = Object.keys(libraries).find((name) => isIn(from, name));
      return library !== undefined
        ? !libraries[library]?.some((place) => isIn(file, place))
        : !from.startsWith('node:');
    })
    .map(({ file, from }) => `${file} imports ${from}`);
  expect(wrong).toEqual([]);
});

test('the simulator is imported by its two commands alone, and only when they are asked for', () => {
  const importers = imports
    .filter(({ file, from }) => from.includes('/simulator/') && folderOf(file) !== 'simulator')
    .map(({ file }) => file);
  expect([...new Set(importers)].sort()).toEqual(['cli/demo.ts', 'cli/simulate.ts']);
  expect(readFileSync(join(root, 'cli/cli.ts'), 'utf8')).toMatch(/await import\('\.\/demo\.ts'\)/);
});

test('the process, its clock and chance stay at the edge', () => {
  const edge = new Set([
    'main.ts',
    'health-check.ts',
    'app/host.ts',
    'simulator/clock.ts',
    'simulator/access/digest.ts',
    'simulator/access/tokens.ts',
    'state/file/worker.ts',
  ]);
  const outside = files.filter((file) => !edge.has(file) && folderOf(file) !== 'cli');
  const wrong = outside.filter((file) =>
    /\bprocess\.|\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)/.test(withoutComments(file)),
  );
  // node-cron knows no clock but the system's, and pino stamps its lines itself.
  expect(wrong).toEqual(['polling/cron.ts', 'telemetry/logger.ts']);
});

test('no state of a module, no default export, no any', () => {
  const wrong = files.filter((file) =>
    /^(?:let |export let |export default)|: any\b|\bas any\b/m.test(withoutComments(file)),
  );
  expect(wrong).toEqual([]);
});

function withoutComments(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
