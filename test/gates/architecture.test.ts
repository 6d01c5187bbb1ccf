import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/architecture.md', root), 'utf8');
/** First cells of the table below a heading. */
const rowsOf = (heading: string) =>
  [...((text.split(`| ${heading} |`)[1] ?? '').split('\n\n')[0]?.matchAll(/^\| `?([^|`]+?)`? \|/gm) ?? [])].map(
    ([, cell = '']) => cell,
  );

test('every file and folder that the page of the architecture names exists', () => {
  const named = [...text.matchAll(/`((?:src|test|helm|config)\/[\w./-]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  const linked = [...text.matchAll(/\]\(([\w./-]+)\)/g)].map(([, path = '']) => path);
  expect(linked.filter((path) => !existsSync(new URL(`docs/${path}`, root)))).toEqual([]);
});

test('its table of folders is the one of src', () => {
  const folders = readdirSync(new URL('src', root), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(rowsOf('folder').toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

test('its words stand once each, in their order', () => {
  const words = rowsOf('word');
  expect(words.length).toBeGreaterThanOrEqual(15);
  expect(words).toEqual([...new Set(words)].toSorted());
});

test('the README leads to it', () => {
  expect(readFileSync(new URL('README.md', root), 'utf8')).toContain('](docs/architecture.md)');
});
