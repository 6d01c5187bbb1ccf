/** Who made a change: events of Atlas' audit log, which name no link, are matched by project, type and time. */
import type { AuditEvent, Author } from './author.ts';
import type { RecordedChange } from './change-log.ts';

const deletions = ['removed', 'delete_requested'];
const ofService = { added: 'ENDPOINT_SERVICE_CREATED', deleted: 'ENDPOINT_SERVICE_DELETED' } as const;
const ofEndpoint = { added: 'INTERFACE_ENDPOINT_CREATED', deleted: 'INTERFACE_ENDPOINT_DELETED' } as const;
const ofEncryption = {
  added: 'ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_CREATED',
  deleted: 'ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_DELETED',
} as const;
const ofStatus = ['INTERFACE_ENDPOINT_PATCHED', 'INTERFACE_ENDPOINT_RETRIED'];
const ofMode = {
  on: 'REGIONALIZED_PRIVATE_ENDPOINT_MODE_ENABLED',
  off: 'REGIONALIZED_PRIVATE_ENDPOINT_MODE_DISABLED',
} as const;
const ofRegions = 'CROSS_REGION_SUPPORTED_REGION_MODIFIED';

/** The types of events that are asked for: those of private links. */
export const auditEventTypes: readonly string[] = [
  ...[ofService, ofEndpoint, ofEncryption, ofMode].flatMap((types) => Object.values(types)),
  ...[...ofStatus, ofRegions],
];

/** Whether the audit log speaks of links of this kind. */
export function hasEvents(kind: string): boolean {
  return kind === 'cluster' || kind === 'encryption_at_rest';
}

/** Whether an event is a flip of regional mode, which the look-up of the mode sees, and no poll. */
export function isModeFlip({ type }: Pick<AuditEvent, 'type'>): boolean {
  return type === ofMode.on || type === ofMode.off;
}

/** The types of events that may have made a change; none of what Atlas does by itself. */
export function eventTypesOf({ kind, type, interface_endpoint_id: endpoint, to }: RecordedChange): readonly string[] {
  if (type === 'remote_regions') return [ofRegions];
  if (type === 'regional_mode') return [to === 'on' ? ofMode.on : ofMode.off];
  if (kind === undefined || !hasEvents(kind)) return [];
  const types = kind === 'encryption_at_rest' ? ofEncryption : endpoint === undefined ? ofService : ofEndpoint;
  if (type === 'added') return [types.added];
  if (deletions.includes(type) || (type === 'status' && to === 'DELETING')) return [types.deleted];
  return type === 'status' && types === ofEndpoint ? ofStatus : [];
}

/** Clocks differ: an event is looked for a minute before the last good poll, and until a minute after the change was seen. */
const slackMs = 60_000;

/** Since when events are looked for, in wall ms; null of a change of which nobody knows since when it was not there. */
export function lookedForSince({ not_before }: RecordedChange): number | null {
  return not_before === null ? null : not_before - slackMs;
}

export interface Attribution {
  /** Changes that are told who made them. */
  readonly told: readonly RecordedChange[];
  /** Changes that nothing fits, or fewer events than changes. */
  readonly waiting: readonly RecordedChange[];
  /** Events that no change answers to. */
  readonly unmatched: readonly AuditEvent[];
}

/**
 * Matches events with changes of one project. `log`: what the change log holds of that time, whose events are not counted
 * twice. `isLast`: no further event is waited for, and what fits is told.
 */
export function attribute(
  changes: readonly RecordedChange[],
  events: readonly AuditEvent[],
  log: readonly RecordedChange[],
  isLast: boolean,
): Attribution {
  const ofOthers = log.filter(({ id, type }) => type !== 'audit' && !changes.some((change) => change.id === id));
  const used = new Set(ofOthers.flatMap(({ by = [] }) => by.map(keyOf)));
  const free = events.filter((event) => !used.has(keyOf(toAuthor(event))));
  const groups = changes.map((change) => ({ change, fitting: fittingOf(change, free) }));
  const rivals = (fitting: readonly AuditEvent[]) =>
    groups.filter((other) => other.fitting.some((event) => fitting.includes(event))).length;
  const told: RecordedChange[] = [];
  const waiting: RecordedChange[] = [];
  for (const { change, fitting } of groups) {
    const tooFew = fitting.length < rivals(fitting);
    if (fitting.length === 0 || (tooFew && !isLast)) waiting.push(change);
    else
      told.push({
        ...change,
        by: fitting.map(toAuthor),
        ...((tooFew || !areAlike(fitting)) && { by_ambiguous: true }),
      });
  }
  const matched = new Set(groups.flatMap(({ fitting }) => fitting));
  const inWindow = ({ at }: AuditEvent) => changes.some((change) => isBetweenPolls(at, change));
  return { told, waiting, unmatched: free.filter((event) => !matched.has(event) && inWindow(event)) };
}

/** Whether a change is what an event speaks of, or may be. */
function mayAnswer(change: RecordedChange, event: AuditEvent): boolean {
  return eventTypesOf(change).includes(event.type) && isNear(event, change);
}

/** Whether a change tells of an event already, or is still to be told who made it. */
export function isTold(event: AuditEvent, log: readonly RecordedChange[]): boolean {
  const key = keyOf(toAuthor(event));
  return log.some((change) => mayAnswer(change, event) || change.by?.some((author) => keyOf(author) === key));
}

/** When an event is over, in wall ms: Atlas tells the second in which it was. */
export function endOf({ at }: AuditEvent): number {
  return at + 1_000;
}

/** What is gone now, with those who asked for its deletion before, where the log knows them; else null. */
export function withAsker(gone: RecordedChange, log: readonly RecordedChange[]): RecordedChange | null {
  if (gone.type !== 'removed' || gone.requested !== true) return null;
  const before = log.findLast(
    ({ id, by, kind, connection_id, interface_endpoint_id }) =>
      id < gone.id &&
      by !== undefined &&
      kind === gone.kind &&
      connection_id === gone.connection_id &&
      interface_endpoint_id === gone.interface_endpoint_id,
  );
  const deleted = before?.by?.every(({ event }) => event.endsWith('_DELETED')) ? before : undefined;
  if (!deleted?.by) return null;
  return { ...gone, by: deleted.by, ...(deleted.by_ambiguous && { by_ambiguous: true }) };
}

/** An event without a change as a change of its own: made and undone between two polls. */
export function toAuditChange(event: AuditEvent, projectId: string, id: number): RecordedChange {
  const { at } = event;
  const by = [toAuthor(event)];
  return { id, at, not_before: at, atlas_project_id: projectId, type: 'audit', from: null, to: null, by };
}

/** Authors with their moments in RFC 3339, as the log and the JSON API write them. */
export function writtenAuthors({ by }: Pick<RecordedChange, 'by'>): { readonly by?: readonly object[] } {
  return by ? { by: by.map(({ at, ...author }) => ({ ...author, at: new Date(at).toISOString() })) } : {};
}

function isNear({ at }: AuditEvent, change: RecordedChange): boolean {
  const since = lookedForSince(change);
  return since !== null && at >= since && at <= change.at + slackMs;
}

/** Without slack: what happened before was seen by the last good poll. Moments of events are whole seconds. */
function isBetweenPolls(at: number, { not_before, at: seenAt }: RecordedChange): boolean {
  return not_before !== null && at >= Math.floor(not_before / 1000) * 1000 && at <= seenAt;
}

/** Events between the two polls; where there are none, those within the slack. */
function fittingOf(change: RecordedChange, events: readonly AuditEvent[]): readonly AuditEvent[] {
  const near = events.filter((event) => mayAnswer(change, event));
  const between = near.filter(({ at }) => isBetweenPolls(at, change));
  return between.length > 0 ? between : near;
}

/** Whether all of them are of one type by one author. */
function areAlike([first, ...rest]: readonly AuditEvent[]): boolean {
  return rest.every(
    ({ type, username, publicKey, address }) =>
      type === first?.type && username === first.username && publicKey === first.publicKey && address === first.address,
  );
}

function toAuthor({ type, at, username, publicKey, address, mongodbStaff }: AuditEvent): Author {
  return {
    event: type,
    at,
    ...(username !== null && { username }),
    ...(publicKey !== null && { public_key: publicKey }),
    address,
    mongodb_staff: mongodbStaff,
  };
}

function keyOf({ event, at, username, public_key, address }: Author): string {
  return JSON.stringify([event, at, username, public_key, address]);
}
