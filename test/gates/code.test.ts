import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { openSource } from './source.ts';

const root = new URL('../../', import.meta.url).pathname;
const source = openSource();
afterAll(() => source[Symbol.dispose]());

const filesBelow = (folder: string) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

test('files stay small enough to be read at once', () => {
  const long = filesBelow('src')
    .map((file) => [file, readFileSync(`${root}src/${file}`, 'utf8').trimEnd().split('\n').length] as const)
    .filter(([, lines]) => lines > 220);
  expect(long).toEqual([]);
});

/** Functions over 60 lines: factories whose parts share state, and tables. Each has its reason. */
const longFunctions: Readonly<Record<string, string>> = {
  'atlas/access/credential.ts: createCredential': 'lanes, keys and circuit of one credential share its options',
  'state/backlog.ts: createBacklog': 'writing, retrying and closing share one running write',
  'state/store.ts: openStore': 'the store is put together from its parts',
  'polling/discovery.ts: createDiscovery': 'listings and their outcomes share one map of organizations',
  'app/polling.ts: createRuntime': 'the runtime is put together from its parts',
  'polling/lookups.ts: createLookups': 'what is asked by time and after a change share one set of questions',
  'state/file/database.ts: createDatabase': 'statements are prepared once, and used beside each other',
  'polling/poller.ts: createPoller': 'polls, waits and abandoned polls share one map of what runs',
  'polling/scheduler.ts: createGroup': 'one timer serves every source of a schedule',
  'polling/watch.ts: createWatch': 'config, discovery and leftovers decide together who is watched',
  'http/sockets.ts: createConnections': 'idle and busy connections share one order',
  'http/server.ts: startServer': 'a server is put together from its parts',
  'simulator/simulator.ts: createSimulator': 'the simulator is put together from its parts',
};

test('functions stay small enough to be read at once', () => {
  const long = source.functions.filter(({ lines }) => lines > 60);
  const named = long.map(({ file, name }) => `${file}: ${name}`);
  expect(long.filter(({ file, name }) => !(`${file}: ${name}` in longFunctions))).toEqual([]);
  expect(Object.keys(longFunctions).filter((name) => !named.includes(name))).toEqual([]);
});

test('an exported name means one thing in the whole of src', () => {
  const places = Map.groupBy(source.exports, ({ name }) => name);
  const twice = [...places]
    .map(([name, found]) => [name, [...new Set(found.map(({ file }) => file))]] as const)
    .filter(([, files]) => files.length > 1);
  expect(twice).toEqual([]);
});

test('no interface offers what nothing calls', () => {
  expect(source.uncalledMembers()).toEqual([]);
});

/** Tests that cross files. Everything else bears the name of the file that it tests. */
const crossing = /^(?:stories|e2e|gates|tools|scripts)\//;

test('a test bears the name of its source file', () => {
  const astray = filesBelow('test')
    .filter((file) => file.endsWith('.test.ts') && !crossing.test(file))
    .filter((file) => !existsSync(`${root}src/${file.replace(/(?:\.\w+)?\.test\.ts$/, '.ts')}`));
  expect(astray).toEqual([]);
});
