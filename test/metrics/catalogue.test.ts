import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue, catalogueMarkdown } from '../../src/metrics/catalogue.ts';

test('names, types and labels are those of the field', () => {
  for (const { name, type, labels, help } of catalogue) {
    expect(name).toMatch(/^mongodb_atlas_[a-z_]+$/);
    expect(name.endsWith('_total') && name !== 'mongodb_atlas_exporter_total_shards').toBe(type === 'counter');
    expect(help).toMatch(/^[A-Z0-9].*\. Source: .*[^.]$/);
    // Prometheus and what manages it would rename these.
    for (const label of labels)
      expect(label).not.toMatch(/^(?:project_id|endpoint|service|namespace|pod|instance|job|region|cluster)$/);
  }
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
});

test('the table in docs/metrics.md is the one of the code', async () => {
  const path = new URL('../../docs/metrics.md', import.meta.url);
  const text = readFileSync(path, 'utf8');
  const between = /(<!-- families -->\n)[\s\S]*(<!-- \/families -->)/;
  expect(text).toMatch(between);
  await expect(
    text.replace(between, (_, before, after) => `${before}${catalogueMarkdown()}${after}`),
  ).toMatchFileSnapshot(path.pathname);
});
