/** The audit log of the simulated world: what is asked of Atlas is written down with who asked. */

export interface SimulatedEvent {
  readonly id: string;
  readonly projectId: string;
  /** Wall ms. */
  readonly at: number;
  readonly type: string;
  readonly actor: Actor;
}

/** Who acts; with neither a key nor a user it is Atlas itself. */
export interface Actor {
  readonly publicKey?: string;
  readonly username?: string;
  readonly address?: string;
  readonly isStaff?: boolean;
}

export interface AuditLog {
  /** Who acts from now on. */
  actAs(actor: Actor): void;
  /** How long after it happened an event is in the log; 0 unless told otherwise. */
  delayMs: number;
  record(projectId: string, type: string, at?: number): void;
  /** The newest first. */
  events(projectId: string): readonly SimulatedEvent[];
}

export function createAuditLog(now: () => number): AuditLog {
  const byProject = new Map<string, SimulatedEvent[]>();
  let count = 0;
  let actor: Actor = { publicKey: 'abcdefgh', address: '203.0.113.9' };
  const log: AuditLog = {
    delayMs: 0,
    actAs(next) {
      actor = next;
    },
    record(projectId, type, at = now()) {
      const events = byProject.get(projectId) ?? [];
      byProject.set(projectId, events);
      count += 1;
      events.push({ id: count.toString(16).padStart(24, '0'), projectId, at, type, actor });
    },
    events(projectId) {
      const written = (byProject.get(projectId) ?? []).filter(({ at }) => at + log.delayMs <= now());
      return written.toReversed().sort((a, b) => b.at - a.at);
    },
  };
  return log;
}
