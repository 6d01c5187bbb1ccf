import { expect, test } from 'vitest';
import { plan } from '../../src/domain/plan.ts';
import type { Project } from '../../src/domain/project.ts';

const project = (id: string, overrides: Partial<Project> = {}): Project => ({
  id,
  name: null,
  credential: 'main',
  providers: ['AWS', 'AZURE', 'GCP'],
  kinds: ['cluster'],
  schedule: '0 * * * * *',
  slowSchedule: '0 */5 * * * *',
  labels: {},
  ...overrides,
});

test('a project is a source for each cloud that it wants, in the order of ids', () => {
  const { projects, sources } = plan({
    api: 'v2',
    configured: [project('b', { providers: ['GCP'] }), project('a')],
    discovered: [],
    interfaceEndpoints: true,
  });
  expect(projects.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(sources.map(({ key }) => key)).toEqual(['a/cluster/AWS', 'a/cluster/AZURE', 'a/cluster/GCP', 'b/cluster/GCP']);
});

test('what the config says of a project wins over what discovery found', () => {
  const { projects } = plan({
    api: 'v2',
    configured: [project('a', { name: 'mine' })],
    discovered: [project('a', { name: 'found' }), project('c')],
    interfaceEndpoints: true,
  });
  expect(projects.map(({ id, name }) => [id, name])).toEqual([
    ['a', 'mine'],
    ['c', null],
  ]);
});
