/** docs/testing.md names every suite, and the versions that `go.mod` pins. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prometheuses } from '../support/prometheuses.ts';
import { versionOf } from '../tools/tools.ts';

const root = new URL('../../', import.meta.url).pathname;
const text = readFileSync(`${root}docs/testing.md`, 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| suite'));

test('every folder of test/e2e has a row', () => {
  const folders = readdirSync(`${root}test/e2e`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const missing = folders.filter(({ name }) => !rows.some((row) => row.startsWith(`| \`test/e2e/${name}`)));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test('the versions are those that are built', () => {
  const wanted = [
    ...prometheuses.map(({ version }) => `Prometheus ${version}`),
    `Alertmanager ${versionOf('alertmanager')}`,
    `blackbox_exporter ${versionOf('blackbox')}`,
    `Kubernetes ${versionOf('kubernetes')}`,
    `kwok ${versionOf('kwok')}`,
  ];
  expect(wanted.filter((words) => !rows.some((row) => row.includes(words)))).toEqual([]);
});

test('every command of the table is a script of package.json, and every row says how long it takes', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
  const commands = rows.map((row) => /\| `npm (?:run )?([\w:]+)[^|]* \|$/.exec(row)?.[1] ?? row);
  expect(commands.filter((command) => scripts[command] === undefined)).toEqual([]);
  expect(rows.filter((row) => !/\| \d+ \|/.test(row))).toEqual([]);
});
