import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { longestPollLine } from '../../src/cli/poll-times.ts';
import { pollDeadlineMs } from '../../src/polling/poll-deadline.ts';
import { aSource } from '../support/builders.ts';
import { fakeWorld } from '../support/world.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'poll-times-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const id = (n: number) => `"${n.toString(16).padStart(24, '0')}"`;

/** What `check` says of schedules. */
async function linesOf(...yaml: readonly string[]) {
  const file = join(folder, 'exporter.yaml');
  writeFileSync(file, ['credentials: {main: {digest: {publicKey: a, privateKey: b}}}', ...yaml].join('\n'));
  const world = fakeWorld();
  expect(await runCli(['check', '--config.file', file], world)).toBe(0);
  return world.out().match(/(?<=^# )(?:Schedule|Other schedules).*$/gm);
}

test('check says of each schedule how long a poll may take, the tightest first', async () => {
  const lines = await linesOf(
    'projects:',
    `  - {id: ${id(1)}, schedule: "0 */5 * * * *"}`,
    `  - {id: ${id(2)}}`,
    `  - {id: ${id(3)}}`,
    `  - {id: ${id(4)}, schedule: "*/15 * * * * *"}`,
    `  - {id: ${id(5)}, kinds: [streams], schedule: "0 */10 * * * *"}`,
  );
  expect(lines).toEqual([
    "Schedule '*/15 * * * * *': a poll may take 15 s of the 15 s that it leaves: about 300 interface endpoints of one list fit into them",
    "Schedule '0 * * * * *': a poll may take 60 s of the 60 s that it leaves: about 1200 interface endpoints of one list fit into them",
    "Schedule '0 */5 * * * *': a poll may take 60 s, or a second for each interface endpoint of its list, of the 300 s that it leaves: about 6000 interface endpoints of one list fit into them",
    "Schedule '0 */10 * * * *': a poll may take 60 s of the 600 s that it leaves",
  ]);
});

test('one client asks for less, and where nobody asks for interface endpoints none are counted', async () => {
  const projects = `projects: [{id: ${id(1)}}]`;
  expect(await linesOf('atlas: {concurrency: 1}', projects)).toEqual([
    "Schedule '0 * * * * *': a poll may take 60 s of the 60 s that it leaves: about 400 interface endpoints of one list fit into them",
  ]);
  for (const more of ['poll: {interfaceEndpoints: false}', 'atlas: {api: v1.0}'])
    expect(await linesOf(more, projects)).toEqual([
      "Schedule '0 * * * * *': a poll may take 60 s of the 60 s that it leaves",
    ]);
});

test('many schedules are a few lines', async () => {
  const projects = Array.from({ length: 20 }, (_, n) => `  - {id: ${id(n)}, schedule: "${n} */5 * * * *"}`);
  const lines = await linesOf('projects:', ...projects);
  expect(lines).toHaveLength(9);
  expect(lines?.at(-1)).toBe('Other schedules leave more time');
});

test('of the list with the most to ask for it is told how long its poll may take', () => {
  const list = (project: string, details: number, schedule: string) => ({
    source: aSource({ schedule }),
    project,
    details,
  });
  expect(longestPollLine([list('a', 0, '0 * * * * *')])).toBeNull();
  const schedule = '0 */5 * * * *';
  expect(longestPollLine([list('a', 2, '0 * * * * *'), list('pay', 200, schedule), list('c', 1, schedule)])).toBe(
    "Most to ask for: pay, cluster AWS with 200 interface endpoints; a poll of it may take 200 s of the 300 s that '0 */5 * * * *' leaves",
  );
  expect(pollDeadlineMs({ schedule }, 200)).toBe(200_000);
});
