import { expect, test } from 'vitest';
import { toRelativeLinks } from '../../src/pages/relative.ts';

test.each([
  ['/', '<a href="/">', '<a href="./">'],
  ['/', '<a class="x" href="/help#a">', '<a class="x" href="./help#a">'],
  ['/help', '<a href="/config">', '<a href="./config">'],
  ['/projects/1', '<a href="/projects/2"><a href="/">', '<a href="../projects/2"><a href="../">'],
  ['/projects/1', '<form action="/projects/1">', '<form action="../projects/1">'],
  ['/', '<a href="?a=/b"><a href="#x"><a href="https://x/"><a href="//x/">', null],
  ['/', '<p>&quot; href=&quot;/x&quot;</p>', null],
])('on %s: %s', (path, html, relative) => {
  expect(toRelativeLinks(html, path)).toBe(relative ?? html);
});
