import { expect, test } from 'vitest';
import type { ProjectLimit } from '../../src/domain/lookup.ts';
import { limitFamilies } from '../../src/metrics/limits.ts';

function shown(limits?: readonly ProjectLimit[] | null) {
  const facts = limits === undefined ? {} : { limits };
  return limitFamilies.flatMap(({ name, samples }) => {
    const found: unknown[] = [];
    const project = { id: 'p1', name: 'payments', orgId: '', labels: {}, facts };
    samples(project, (labels, value) => found.push([name.replace('mongodb_atlas_project_', ''), ...labels, value]));
    return found;
  });
}

test('a limit and its usage, where Atlas tells it', () => {
  expect(
    shown([
      { limit: 'nodes_per_private_link_region', value: 50, usage: 6 },
      { limit: 'private_service_connections_per_region_group', value: 90, usage: null },
    ]),
  ).toEqual([
    ['limit', 'p1', 'nodes_per_private_link_region', 50],
    ['limit', 'p1', 'private_service_connections_per_region_group', 90],
    ['limit_usage', 'p1', 'nodes_per_private_link_region', 6],
  ]);
});

test('nothing is shown before it was looked up, nor where nobody may ask', () => {
  expect([...shown(), ...shown(null)]).toEqual([]);
});
