/** One complete poll of a source: its list, then each interface endpoint, in one consistent picture. */
import {
  type Connection,
  duplicateId,
  type InterfaceEndpointDetail,
  type Snapshot,
  toSnapshot,
} from '../../domain/snapshot.ts';
import type { Source } from '../../domain/source.ts';
import { AtlasError } from '../error.ts';
import { type GetJson, type SourceRow, sources } from './sources.ts';
import { invalid, quoted } from './wire.ts';

/** A project whose interface endpoints vanish faster than they can be listed is polled another time. */
const mostLists = 5;

/**
 * One complete poll. Throws AtlasError. The list alone decides what exists: an interface endpoint that answers 404 is
 * looked for in one more list; gone from there it is gone, listed there the poll fails.
 */
export async function readSource(source: Source, get: GetJson): Promise<Snapshot> {
  const row = sources[source.kind][source.api];
  if (!row) throw new AtlasError({ reason: 'internal', detail: `${source.kind} is not served by API ${source.api}` });
  const known = new Map<string, InterfaceEndpointDetail>();
  let missing: Place | null = null;
  for (let lists = 0; lists < mostLists; lists++) {
    const listed = checked(await row.list(get, source));
    if (!row.detail || !source.interfaceEndpoints) return toSnapshot(source.api, listed);
    if (missing && isListed(listed, missing)) {
      throw invalid(`Interface endpoint ${quoted(missing.id)} is listed but not found`);
    }
    missing = await askAll(listed, known, (connection, id) => detailOf(row, get, source, connection, id));
    if (!missing) return toSnapshot(source.api, withDetails(listed, known));
  }
  throw invalid('Interface endpoints go while they are read');
}

interface Place {
  readonly connectionId: string;
  readonly key: string;
  readonly id: string;
}

/** Asks for whatever is not known yet; resolves with the first that is not there, or null. */
async function askAll(
  listed: readonly Connection[],
  known: Map<string, InterfaceEndpointDetail>,
  ask: (connection: Connection, id: string) => Promise<InterfaceEndpointDetail | null>,
): Promise<Place | null> {
  for (const connection of listed) {
    for (const { key, id } of connection.interfaceEndpoints) {
      const name = nameOf(connection.id, key);
      if (known.has(name)) continue;
      const detail = await ask(connection, id);
      if (detail === null) return { connectionId: connection.id, key, id };
      known.set(name, detail);
    }
  }
  return null;
}

/** null when Atlas says that it is not there. A project that is not there is another matter. */
async function detailOf(
  { detail }: SourceRow,
  get: GetJson,
  source: Source,
  connection: Connection,
  id: string,
): Promise<InterfaceEndpointDetail | null> {
  try {
    return (await detail?.(get, source, connection, id)) ?? null;
  } catch (thrown) {
    const absent = thrown instanceof AtlasError && thrown.status === 404 && thrown.reason !== 'project_not_found';
    if (absent) return null;
    throw thrown;
  }
}

function withDetails(
  listed: readonly Connection[],
  known: ReadonlyMap<string, InterfaceEndpointDetail>,
): readonly Connection[] {
  return listed.map((connection) => ({
    ...connection,
    interfaceEndpoints: connection.interfaceEndpoints.map((endpoint) => ({
      ...endpoint,
      detail: known.get(nameOf(connection.id, endpoint.key)) ?? null,
    })),
  }));
}

function isListed(listed: readonly Connection[], { connectionId, key }: Place): boolean {
  const connection = listed.find(({ id }) => id === connectionId);
  return connection?.interfaceEndpoints.some((endpoint) => endpoint.key === key) ?? false;
}

function checked(listed: readonly Connection[]): readonly Connection[] {
  const twice = duplicateId(listed);
  if (twice !== null) throw invalid(`The list has ${quoted(twice)} twice`);
  return listed;
}

function nameOf(connectionId: string, key: string): string {
  return JSON.stringify([connectionId, key]);
}
