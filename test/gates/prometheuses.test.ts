/** The Prometheuses that pages promise are those that the suites run on. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prometheuses } from '../support/prometheuses.ts';

const short = prometheuses.map(({ version }) => version.replace(/\.\d+$/, ''));

test.each(['README.md', 'docs/alerts.md'])('%s names the oldest and the newest Prometheus of the suites', (page) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
  const sentence = /Prometheus from 2\.42[^.:]*(?:\.\d[^.:]*)*/.exec(text)?.[0] ?? '';
  expect(short.filter((version) => !sentence.includes(version))).toEqual([]);
});

test('there are two majors', () => {
  expect(new Set(short.map((version) => version.split('.')[0]))).toEqual(new Set(['2', '3']));
});
