import { describe, expect, test } from 'vitest';
import { aChange, aProject, aView, pageAt, textOf } from '../pages/view.ts';
import { aConnection, anInterfaceEndpoint } from '../support/builders.ts';

/** 10,000 projects of three connections, every tenth project with a failed one and every fifth that cannot be read. */
const view = aView(
  Array.from({ length: 10_000 }, (_, index) => {
    const id = index.toString(16).padStart(24, '0');
    const connections = [0, 1, 2].map((number) => {
      const interfaceEndpoints = [anInterfaceEndpoint(`vpce-${index}-${number}`)];
      const failed = { status: 'FAILED', errorMessage: 'Interface endpoint was not found. '.repeat(10) };
      return aConnection(`${index}-${number}`, { interfaceEndpoints, ...(index % 10 === 0 && number === 0 && failed) });
    });
    return aProject({ id, name: `project-${index}` }, connections, index % 5 === 0 ? 'timeout' : connections);
  }),
);
const changes = view.projects
  .slice(0, 100)
  .flatMap(({ id }, index) =>
    Array.from({ length: 50 }, (_, number) =>
      aChange({ id: index * 50 + number, atlas_project_id: id, connection_id: `${index}-0` }),
    ),
  );

describe('30,000 connections', () => {
  test('are a page that is small and quick', async () => {
    await pageAt('/', view, changes);
    const start = performance.now();
    const html = await pageAt('/', view, changes);
    // Ten times the 200 ms that it may take.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(html.length).toBeLessThan(300 * 1024);
    expect(textOf(html)).toContain('1\u00a0000 connections of 30\u00a0000 are broken');
    expect(textOf(html)).toContain('2\u00a0000 sources of 2\u00a0000 projects with the credential main');
  });

  test('can be turned over to the last one, and filtered', async () => {
    expect(textOf(await pageAt('/', view))).toContain('Page 1 of 967');
    const last = textOf(await pageAt('/?page=967', view));
    expect(last).toContain('Page 967 of 967');
    expect(textOf(await pageAt('/?page=99999', view))).toContain('Page 967 of 967');
    expect(textOf(await pageAt('/?text=project-1234', view))).toContain('3 of 30\u00a0000 connections');
    expect(textOf(await pageAt('/?projects=500', view))).toContain('Page 500 of 500');
  });
});
