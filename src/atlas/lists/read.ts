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
import type { Visit } from '../visit.ts';
import { type GetJson, type SourceRow, sources } from './sources.ts';
import { invalid, quoted } from './wire.ts';

/** A project whose interface endpoints vanish faster than they can be listed is polled another time. */
const mostLists = 5;

/**
 * One complete poll. Throws AtlasError. The list alone decides what exists: an interface endpoint that answers 404 is
 * looked for in one more list; gone from there it is gone, listed there the poll fails.
 */
export async function readSource(source: Source, visit: Visit): Promise<Snapshot> {
  const { get } = visit;
  const row = sources[source.kind][source.api];
  if (!row) throw new AtlasError({ reason: 'internal', detail: `${source.kind} is not served by API ${source.api}` });
  if ('clusters' in row) return toSnapshot(source.api, [], await row.clusters(get, source));
  const known = new Map<string, InterfaceEndpointDetail>();
  let missing: Place | null = null;
  for (let lists = 0; lists < mostLists; lists++) {
    const listed = checked(await row.list(get, source));
    if (!row.detail || !source.interfaceEndpoints) return toSnapshot(source.api, listed);
    if (missing && isListed(listed, missing)) {
      throw invalid(`Interface endpoint ${quoted(missing.id)} is listed but not found`);
    }
    missing = await askAll(listed, known, visit, (place) => detailOf(row, get, source, place));
    if (!missing) return toSnapshot(source.api, withDetails(listed, known));
  }
  throw invalid('Interface endpoints go while they are read');
}

interface Place {
  readonly connection: Connection;
  readonly key: string;
  readonly id: string;
}

/** Asks for every interface endpoint that is not known yet; resolves with one that is not there, or null. */
async function askAll(
  listed: readonly Connection[],
  known: Map<string, InterfaceEndpointDetail>,
  { expectDetails }: Pick<Visit, 'expectDetails'>,
  ask: (place: Place) => Promise<InterfaceEndpointDetail | null>,
): Promise<Place | null> {
  const places = listed
    .flatMap((connection) => connection.interfaceEndpoints.map(({ key, id }): Place => ({ connection, key, id })))
    .filter((place) => !known.has(nameOf(place)));
  let missing: Place | null = null;
  let isBroken = false;
  const rest = places.values();
  const work = async () => {
    for (const place of rest) {
      const detail = await ask(place).catch((thrown) => {
        isBroken = true;
        throw thrown;
      });
      if (detail === null) missing ??= place;
      else known.set(nameOf(place), detail);
      if (missing !== null || isBroken) return;
    }
  };
  // Every request has ended before a failure is thrown: a lane with a request under way cannot be given back.
  const ends = await Promise.allSettled(Array.from({ length: expectDetails(places.length) }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return missing;
}

/** null when Atlas says that it is not there. A project that is not there is another matter. */
async function detailOf(
  { detail }: SourceRow,
  get: GetJson,
  source: Source,
  { connection, id }: Place,
): Promise<InterfaceEndpointDetail | null> {
  try {
    return (await detail?.(get, source, connection, id)) ?? null;
  } catch (thrown) {
    if (thrown instanceof AtlasError && isAbsence(thrown)) return null;
    throw thrown;
  }
}

/** Atlas' own 404, not one that a web filter or a project that is gone gives. */
function isAbsence({ status, errorCode, reason }: AtlasError): boolean {
  return status === 404 && errorCode !== null && reason !== 'project_not_found';
}

function withDetails(
  listed: readonly Connection[],
  known: ReadonlyMap<string, InterfaceEndpointDetail>,
): readonly Connection[] {
  return listed.map((connection) => ({
    ...connection,
    interfaceEndpoints: connection.interfaceEndpoints.map((endpoint) => ({
      ...endpoint,
      detail: known.get(nameOf({ connection, key: endpoint.key })) ?? null,
    })),
  }));
}

function isListed(listed: readonly Connection[], { connection: { id: connectionId }, key }: Place): boolean {
  const connection = listed.find(({ id }) => id === connectionId);
  return connection?.interfaceEndpoints.some((endpoint) => endpoint.key === key) ?? false;
}

function checked(listed: readonly Connection[]): readonly Connection[] {
  const twice = duplicateId(listed);
  if (twice !== null) throw invalid(`The list has ${quoted(twice)} twice`);
  return listed;
}

function nameOf({ connection, key }: Pick<Place, 'connection' | 'key'>): string {
  return JSON.stringify([connection.id, key]);
}
