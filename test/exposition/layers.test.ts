/** What is rendered again when something changes: nothing else than what shows it. */
import { describe, expect, test } from 'vitest';
import { createLayers, type Layers } from '../../src/exposition/layers.ts';
import type { Form } from '../../src/exposition/piece.ts';
import { projectFamilies, sourceFamilies } from '../../src/metrics/catalogue.ts';
import type { Family } from '../../src/metrics/family.ts';
import { healthFamilies } from '../../src/metrics/sources.ts';
import { calm, down, failed, source } from './states.ts';

const project = { id: source.projectId, name: 'payments', orgId: 'o1', labels: {}, regionalMode: false };

const breathe = async () => {};

/** By family: the same object again where nothing was rendered. */
function piecesOf({ projects, ledgers, health }: Layers): ReadonlyMap<string, unknown> {
  const named = <T>(families: readonly Family<T>[], { piecesOf: pieces }: Layers['projects' | 'ledgers' | 'health']) =>
    families.map(({ name }, index) => [name, pieces(index)[0]] as const);
  return new Map([
    ...named(projectFamilies, projects),
    ...named(sourceFamilies, ledgers),
    ...named(healthFamilies, health),
  ]);
}

describe.each<Form>(['text', 'deflated'])('as %s', (form) => {
  const others = async (state: typeof calm, shown = project) => {
    const layers = createLayers(true);
    await layers.update([{ source, state: calm }], [project], form, breathe);
    const before = piecesOf(layers);
    await layers.update([{ source, state }], [shown], form, breathe);
    return [...piecesOf(layers)].filter(([name, piece]) => piece !== before.get(name)).map(([name]) => name);
  };

  test('of a connection that changed only what shows the change is another piece', async () => {
    const names = await others(failed);
    expect(names).toContain('mongodb_atlas_private_endpoint_connection_status');
    expect(names).not.toContain('mongodb_atlas_private_endpoint_connection_info');
    expect(names.filter((name) => /^mongodb_atlas_(?:project|exporter)/.test(name))).toEqual([]);
  });

  test('a failed poll renders nothing of what Atlas said', async () => {
    const names = await others(down);
    expect(names).toContain('mongodb_atlas_exporter_source_failure');
    expect(names.filter((name) => /^mongodb_atlas_(?:private|project)/.test(name))).toEqual([]);
  });

  test('another name of a project is another piece of the projects', async () => {
    expect(await others(calm, { ...project, name: 'payments-prod' })).toEqual(['mongodb_atlas_project_info']);
  });

  test('nothing that changed is no other piece', async () => {
    expect(await others(calm)).toEqual([]);
  });
});
