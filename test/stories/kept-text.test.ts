/** What is kept from one answer to the next, and what is not. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { recordPoll } from '../../src/domain/poll.ts';
import { createExposition, type Exposed } from '../../src/exposition/exposition.ts';
import type { OwnFamily } from '../../src/metrics/family.ts';
import { calm, down, failed, source } from '../exposition/states.ts';
import { aConnection, aSnapshot, aSource, at } from '../support/builders.ts';

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
    projects: [
      { id: source.projectId, name: 'payments', orgId: 'o1', labels: noLabels, facts: { regionalMode: false } },
    ],
    removedProjects: [],
    own,
    ...overrides,
  });
  const render = (overrides: Partial<Exposed> = {}, format: 'text' | 'openmetrics' = 'text') =>
    exposition.render(exposed(overrides), format);
  const zipped = (overrides: Partial<Exposed> = {}, format: 'text' | 'openmetrics' = 'text') =>
    exposition.render(exposed(overrides), format, true);
  const text = async (overrides: Partial<Exposed> = {}) => Buffer.concat(await render(overrides)).toString();
  return { time, render, zipped, text };
}

const noLabels = {};

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

  test('what changed is there at once', async () => {
    const { render, text } = kept();
    await render();
    const states = { revision: 2, sources: [{ source, state: failed }] };
    expect(lineOf(await text(states), 'mongodb_atlas_private_endpoint_connection_ready')).toEqual([
      expect.stringMatching(/ 0$/),
    ]);
  });

  test('what is learned of a project is there at once', async () => {
    const { text } = kept();
    const regionalMode = async (overrides: Partial<Exposed> = {}) =>
      lineOf(await text(overrides), 'mongodb_atlas_project_regional_mode').map((line) => line.split(' ').at(-1));
    const project = { id: source.projectId, name: 'payments', orgId: 'o1', labels: noLabels };
    expect(await regionalMode()).toEqual(['0']);
    expect(await regionalMode({ revision: 2, projects: [{ ...project, facts: { regionalMode: true } }] })).toEqual([
      '1',
    ]);
    expect(await regionalMode({ revision: 3, projects: [{ ...project, facts: { regionalMode: null } }] })).toEqual([]);
  });

  test('success times and own families stay', async () => {
    const { text, time } = kept();
    const first = await text();
    time.now = 999;
    const polledAgain = recordPoll(source, calm, { ok: true, reading: aSnapshot([aConnection('c1')]) }, at(500)).state;
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
  const polledAgain = recordPoll(source, calm, { ok: true, reading: aSnapshot([aConnection('c1')]) }, at(800)).state;
  const again = { sources: [{ source, state: polledAgain }] };
  const isNew = (await render(again)).filter((piece) => !before.includes(piece)).map(String);
  expect(isNew).toEqual([expect.stringMatching(new RegExp(`^${lastSuccess}`)), expect.stringContaining('asked 2\n')]);
  expect(lineOf(await text(again), lastSuccess)).toEqual([
    expect.stringMatching(new RegExp(` ${at(800).wall / 1000}$`)),
  ]);
});

test('an answer is of one moment, also when others have their turn while it is made', async () => {
  const state = { current: calm };
  const project = {
    id: source.projectId,
    name: 'before',
    orgId: 'o1',
    labels: noLabels,
    facts: { regionalMode: null },
  };
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
  const own = async (): Promise<readonly OwnFamily[]> => {
    const value = state.current === failed ? 1 : 0;
    return [{ name: 'failed', help: 'Test', type: 'gauge', samples: [{ suffix: '', labels: {}, value }] }];
  };
  const answer = Buffer.concat(await render({ sources: views, projects, own })).toString();
  expect(state.current).toBe(failed);
  expect(answer).toContain('\nfailed 0\n');
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

describe('with gzip', () => {
  const unzipped = (member: readonly Buffer[]) => gunzipSync(Buffer.concat(member)).toString();
  /** Each a change, and a moment later. */
  const states = [calm, failed, down, failed, calm].map((state, index) => ({
    revision: index + 1,
    sources: [{ source, state }],
  }));

  test.each(['text', 'openmetrics'] as const)(
    'the answer as %s says what the plain one says, whoever asked before',
    async (format) => {
      const [alone, both] = [kept(), kept()];
      for (const [index, overrides] of [...states, ...states, ...states].entries()) {
        const revised = { ...overrides, revision: index + 1 };
        alone.time.now = both.time.now = 1_000 * index;
        // Of one of them the plain text is asked for now and then, of the other one never.
        const plain = index % 4 === 0 ? Buffer.concat(await both.render(revised, format)).toString() : null;
        const member = unzipped(await both.zipped(revised, format));
        expect(unzipped(await alone.zipped(revised, format))).toBe(member);
        if (plain !== null) expect(member).toBe(plain);
      }
      expect(Buffer.concat(await alone.render({}, format)).toString()).toBe(
        Buffer.concat(await both.render({}, format)).toString(),
      );
    },
  );

  test('an answer in which nothing changed is the very same list', async () => {
    const { zipped, render } = kept();
    const first = await zipped();
    await render();
    expect(await zipped()).toBe(first);
    expect(await zipped({}, 'openmetrics')).not.toBe(first);
    expect(await zipped()).toBe(first);
  });

  test('a plain text stays for ten refreshes that nobody asks for it, and is made again after that', async () => {
    const { zipped, render, time } = kept();
    const refreshed = async (times: number) => {
      for (let n = 0; n < times; n++) {
        time.now += 1_000;
        await zipped();
      }
    };
    const first = await render();
    await refreshed(10);
    const kept10 = await render();
    expect(kept10[0]).toBe(first[0]);
    await refreshed(11);
    const madeAgain = await render();
    expect(madeAgain.filter((piece) => first.includes(piece))).toEqual([]);
    const words = (pieces: readonly Buffer[]) =>
      Buffer.concat(pieces)
        .toString()
        .replace(/^asked .*/m, '');
    expect(words(madeAgain)).toBe(words(first));
  });
});
