import { hash } from 'node:crypto';

/** Which share of the projects a process has: its ordinal from 0, of how many. */
export interface Shard {
  readonly ordinal: number;
  readonly total: number;
}

export const wholeEstate: Shard = { ordinal: 0, total: 1 };

/**
 * Whether a project is this shard's, by rendezvous hashing: every shard draws a number for the project and the highest
 * has it, so a change from N to N + 1 shards moves one project in N + 1, and only to the new one.
 */
export function ownsProject(projectId: string, { ordinal, total }: Shard): boolean {
  if (total === 1) return true;
  const mine = draw(projectId, ordinal);
  for (let other = 0; other < total; other++) {
    if (other === ordinal) continue;
    const drawn = draw(projectId, other);
    if (drawn > mine || (drawn === mine && other < ordinal)) return false;
  }
  return true;
}

function draw(projectId: string, ordinal: number): string {
  return hash('sha256', `${ordinal} ${projectId}`);
}
