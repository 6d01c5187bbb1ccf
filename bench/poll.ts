/** Polls: ours beside a bare loop of fetch and JSON.parse, by turns, each in a process of its own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from './figures.ts';

export interface PollCost {
  /** Per poll. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly requests: number;
}

const run = promisify(execFile);
const loop = new URL('poll-loop.ts', import.meta.url).pathname;

export async function comparePolls(atlas: string, projects: readonly string[], rounds: number) {
  const costs: { ours: PollCost[]; bare: PollCost[] } = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ['ours', 'bare'] as const) {
      const { stdout } = await run(process.execPath, [loop, way, atlas, projects.join(','), '5']);
      const { commits, failed, ...cost } = JSON.parse(stdout);
      if (commits > 0 || failed > 0) throw new Error(`${way}: ${commits} commits, ${failed} failed`);
      costs[way].push(cost);
    }
  }
  return { ours: medianCost(costs.ours), bare: medianCost(costs.bare) };
}

function medianCost(costs: readonly PollCost[]): PollCost {
  return {
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    requests: median(costs.map(({ requests }) => requests)),
  };
}
