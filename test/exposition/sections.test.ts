/** What is rendered again when something changes: nothing else than what shows it. */
import { describe, expect, test } from 'vitest';
import type { Form } from '../../src/exposition/piece.ts';
import { createSections, type Sections } from '../../src/exposition/sections.ts';
import { calm, down, failed, source } from './states.ts';

const project = { id: source.projectId, name: 'payments', orgId: 'o1', labels: {}, facts: { regionalMode: false } };

const breathe = async () => {};

/** By family: the same object again where nothing was rendered. */
function piecesOf({ all }: Sections): ReadonlyMap<string, unknown> {
  return new Map(
    all.flatMap((section) => [...section.families()].map(([{ name }, pieces]) => [name, pieces[0]] as const)),
  );
}

describe.each<Form>(['text', 'deflated'])('as %s', (form) => {
  const others = async (state: typeof calm, shown = project) => {
    const sections = createSections(true);
    await sections.update(
      { sources: [{ source, state: calm }], projects: [project], removedProjects: [] },
      true,
      form,
      breathe,
    );
    const before = piecesOf(sections);
    await sections.update(
      { sources: [{ source, state }], projects: [shown], removedProjects: [] },
      true,
      form,
      breathe,
    );
    return [...piecesOf(sections)].filter(([name, piece]) => piece !== before.get(name)).map(([name]) => name);
  };

  test('of a connection that changed only what shows the change is another piece', async () => {
    const names = await others(failed);
    expect(names).toContain('mongodb_atlas_private_endpoint_connection_status');
    expect(names).not.toContain('mongodb_atlas_private_endpoint_connection_info');
    const ofOthers = names.filter((name) => /^mongodb_atlas_(?:project|exporter)/.test(name));
    expect(ofOthers).toEqual(['mongodb_atlas_exporter_source_last_success_timestamp_seconds']);
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
