/** Events of private links in a project's audit log, the newest first. */
import { z } from 'zod';
import { auditEventTypes } from '../../domain/audit.ts';
import type { AuditEvent } from '../../domain/author.ts';
import { AtlasError } from '../error.ts';
import type { LookupCall } from './lookup-call.ts';
import { identifier, nullish, parseOne, segment, shortText } from './wire.ts';

const perPage = 500;
/** 10,000 events within some minutes: what is older than that is left out. */
const mostPages = 20;
const wanted = new Set(auditEventTypes);

const page = z.object({ results: z.array(z.unknown()).max(perPage) });
const event = z
  .object({
    id: identifier,
    created: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    eventTypeName: shortText,
    publicKey: nullish(shortText),
    username: nullish(shortText),
    remoteAddress: nullish(shortText),
    isGlobalAdmin: nullish(z.boolean()),
  })
  .transform(
    ({ id, created, eventTypeName, publicKey, username, remoteAddress, isGlobalAdmin }): AuditEvent => ({
      ...{ id, at: created, type: eventTypeName, username, publicKey, address: remoteAddress },
      mongodbStaff: isGlobalAdmin === true,
    }),
  );

/** What cannot be read among the events is left out. Throws AtlasError. */
export async function readAuditLog(call: LookupCall): Promise<readonly AuditEvent[]> {
  try {
    return await readTypes(call, auditEventTypes);
  } catch (thrown) {
    // Atlas may refuse a type by name that it no longer has, or does not have yet: then all are asked for.
    if (!(thrown instanceof AtlasError) || thrown.status !== 400) throw thrown;
    return readTypes(call, []);
  }
}

async function readTypes(call: LookupCall, types: readonly string[]): Promise<readonly AuditEvent[]> {
  const { get, projectId, since } = call;
  const found = new Map<string, AuditEvent>();
  for (let pageNum = 1; pageNum <= mostPages; pageNum++) {
    const query = new URLSearchParams([
      ...types.map((type) => ['eventType', type]),
      ['minDate', `${new Date(since).toISOString().slice(0, 19)}Z`],
      ['itemsPerPage', String(perPage)],
      ['pageNum', String(pageNum)],
    ]);
    const answer = await get({
      operation: 'list_events',
      path: `/api/atlas/v2/groups/${segment(projectId)}/events?${query}`,
      accept: 'application/vnd.atlas.2023-01-01+json',
      bucket: `v2 events ${projectId}`,
      role: 'Project Read Only',
      place: `project ${projectId}`,
    });
    const { results } = parseOne(answer, page, 'The page');
    const read = results.map((element) => event.safeParse(element));
    // A page that an event was pushed to while others were read repeats it.
    for (const { data } of read) if (data && data.at >= since && wanted.has(data.type)) found.set(data.id, data);
    const isOlder = read.some(({ data }) => data !== undefined && data.at < since);
    if (results.length < perPage || isOlder) break;
  }
  return [...found.values()];
}
