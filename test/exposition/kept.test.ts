/** What is kept from one answer to the next, and what is not. */
import { describe, expect, test } from 'vitest';
import { recordPoll } from '../../src/domain/poll.ts';
import { createExposition, type Exposed } from '../../src/exposition/exposition.ts';
import type { OwnFamily } from '../../src/exposition/family.ts';
import { createDraft } from '../../src/exposition/kept.ts';
import { aConnection, aSnapshot, aSource, at, polled } from '../support/builders.ts';

const source = aSource();
const calm = polled(source, [aConnection('c1')]);
const failed = recordPoll(
  source,
  calm,
  { ok: true, snapshot: aSnapshot([aConnection('c1', { status: 'FAILED' })]) },
  at(60_000),
).state;
const down = recordPoll(source, calm, { ok: false, reason: 'timeout', detail: '' }, at(60_000)).state;

function kept(options: { yieldTurn?: () => Promise<void> } = {}) {
  // `step` passes whenever somebody looks at the clock.
  const time = { now: 0, step: 0 };
  let asked = 0;
  const monotonic = () => {
    time.now += time.step;
    return time.now;
  };
  const clock = { wall: () => at(time.now).wall, monotonic };
  const exposition = createExposition({ errorMessageText: () => true, clock, yieldTurn: async () => {}, ...options });
  const own = async (): Promise<readonly OwnFamily[]> => {
    asked += 1;
    return [{ name: 'asked', help: 'Test', type: 'gauge', samples: [{ suffix: '', labels: {}, value: asked }] }];
  };
  const exposed = (overrides: Partial<Exposed>): Exposed => ({
    revision: 1,
    sources: [{ source, state: calm }],
    projects: [{ id: source.projectId, name: 'payments', orgId: 'o1', labels: noLabels, regionalMode: false }],
    removedProjects: [],
    own,
    ...overrides,
  });
  const render = (overrides: Partial<Exposed> = {}, format: 'text' | 'openmetrics' = 'text') =>
    exposition.render(exposed(overrides), format);
  const text = async (overrides: Partial<Exposed> = {}) => Buffer.concat(await render(overrides)).toString();
  return { time, render, text };
}

const noLabels = {};

describe('a draft', () => {
  test('keeps what was added, however long and whatever it is, and begins anew', () => {
    const draft = createDraft();
    expect(draft.keep()).toBeNull();
    const texts = ['a', 'é💶\ufffd', 'x'.repeat(10_000), '💶'.repeat(5_000)];
    for (const text of texts) draft.add(text);
    const piece = draft.keep();
    expect(piece?.toString()).toBe(texts.join(''));
    expect(piece?.buffer.byteLength).toBe(piece?.length);
    draft.add('next');
    draft.clear();
    draft.add('last');
    expect(draft.keep()?.toString()).toBe('last');
  });

  test('keeps the very same piece while it says the same', () => {
    const draft = createDraft();
    draft.add('same');
    const known = draft.keep();
    draft.add('sa');
    draft.add('me');
    expect(draft.keep(known)).toBe(known);
    draft.add('other');
    expect(draft.keep(known)?.toString()).toBe('other');
  });
});

const lineOf = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`));
const lastSuccess = 'mongodb_atlas_exporter_source_last_success_timestamp_seconds';

describe('within a second', () => {
  test('an answer in which nothing changed is the very same list', async () => {
    const { render, time } = kept();
    const first = await render();
    time.now = 999;
    expect(await render()).toBe(first);
    expect(await render({}, 'openmetrics')).not.toBe(first);
    expect(await render()).toBe(first);
  });

  test('what changed is there at once, and only that is another piece', async () => {
    const { render, text } = kept();
    const before = await render();
    const states = { revision: 2, sources: [{ source, state: failed }] };
    const after = await render(states);
    expect(lineOf(await text(states), 'mongodb_atlas_private_endpoint_connection_ready')).toEqual([
      expect.stringMatching(/ 0$/),
    ]);
    const isNew = after.filter((piece) => !before.includes(piece)).map(String);
    expect(isNew.some((piece) => piece.includes('connection_info{'))).toBe(false);
    expect(isNew.some((piece) => piece.includes('connection_status{'))).toBe(true);
  });

  test('a failed poll renders none of the pieces of what Atlas said', async () => {
    const { render } = kept();
    const before = await render();
    const after = await render({ revision: 2, sources: [{ source, state: down }] });
    const isNew = after.filter((piece) => !before.includes(piece)).map(String);
    expect(isNew.filter((piece) => /^mongodb_atlas_(?:private|project)/.test(piece))).toEqual([]);
    expect(isNew.join('')).toContain('source_failure');
  });

  test('what is learned of a project is there at once', async () => {
    const { text } = kept();
    const regionalMode = async (overrides: Partial<Exposed> = {}) =>
      lineOf(await text(overrides), 'mongodb_atlas_project_regional_mode').map((line) => line.split(' ').at(-1));
    const project = { id: source.projectId, name: 'payments', orgId: 'o1', labels: noLabels };
    expect(await regionalMode()).toEqual(['0']);
    expect(await regionalMode({ revision: 2, projects: [{ ...project, regionalMode: true }] })).toEqual(['1']);
    expect(await regionalMode({ revision: 3, projects: [{ ...project, regionalMode: null }] })).toEqual([]);
  });

  test('success times and own families stay', async () => {
    const { text, time } = kept();
    const first = await text();
    time.now = 999;
    const polledAgain = recordPoll(source, calm, { ok: true, snapshot: aSnapshot([aConnection('c1')]) }, at(500)).state;
    expect(await text({ sources: [{ source, state: polledAgain }] })).toBe(first);
  });

  test('a source that comes has its success time with it', async () => {
    const { text } = kept();
    await text();
    const other = { source: aSource({ cloudProvider: 'GCP' }), state: calm };
    expect(lineOf(await text({ revision: 2, sources: [{ source, state: calm }, other] }), lastSuccess)).toHaveLength(2);
  });
});

test('after a second success times and own families are read again, and nothing else is another piece', async () => {
  const { render, text, time } = kept();
  const before = await render();
  time.now = 1_000;
  const polledAgain = recordPoll(source, calm, { ok: true, snapshot: aSnapshot([aConnection('c1')]) }, at(800)).state;
  const again = { sources: [{ source, state: polledAgain }] };
  const isNew = (await render(again)).filter((piece) => !before.includes(piece)).map(String);
  expect(isNew).toEqual([expect.stringMatching(new RegExp(`^${lastSuccess}`)), expect.stringContaining('asked 2\n')]);
  expect(lineOf(await text(again), lastSuccess)).toEqual([
    expect.stringMatching(new RegExp(` ${at(800).wall / 1000}$`)),
  ]);
});

test('an answer is of one moment, also when others have their turn while it is made', async () => {
  const state = { current: calm };
  const project = { id: source.projectId, name: 'before', orgId: 'o1', labels: noLabels, regionalMode: null };
  const { render, time } = kept({
    async yieldTurn() {
      state.current = failed;
      project.name = 'after';
    },
  });
  time.step = 10;
  const sources = Array.from({ length: 400 }, (_, n) => aSource({ projectId: n.toString(16).padStart(24, '0') }));
  const views = {
    *[Symbol.iterator]() {
      for (const each of sources) yield { source: each, state: state.current };
    },
  };
  const projects = {
    *[Symbol.iterator]() {
      yield { ...project };
    },
  };
  const answer = Buffer.concat(await render({ sources: views, projects })).toString();
  expect(state.current).toBe(failed);
  expect(lineOf(answer, 'mongodb_atlas_project_info')).toEqual([expect.stringContaining('project_name="before"')]);
  expect(lineOf(answer, 'mongodb_atlas_private_endpoint_connection_ready').every((line) => line.endsWith(' 1'))).toBe(
    true,
  );
});

test('those who ask while an answer is made do not mix with it', async () => {
  const { render } = kept();
  const [first, second] = await Promise.all([
    render(),
    render({ revision: 2, sources: [{ source, state: failed }] }, 'openmetrics'),
  ]);
  expect(String(Buffer.concat([...first]))).toMatch(/connection_status\{.*status="AVAILABLE"\} 1/);
  expect(String(Buffer.concat([...second]))).toMatch(/connection_status\{.*status="FAILED"\} 1/);
});

test('a failure while it is made leaves the next one whole', async () => {
  const { render, text } = kept();
  await expect(render({ own: () => Promise.reject(new Error('no')) })).rejects.toThrow('no');
  expect(await text()).toContain('connection_info{');
});
