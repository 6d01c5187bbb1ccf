/** One complete poll of a source: its list, then each interface endpoint, in one consistent picture. */
import { type Cluster, hasNoString } from '../../domain/cluster.ts';
import {
  type ConnectionReading,
  type DetailReading,
  duplicateId,
  type InterfaceEndpointReading,
  type Reading,
} from '../../domain/reading.ts';
import type { Source } from '../../domain/source.ts';
import { AtlasError } from '../error.ts';
import type { Visit } from '../visit.ts';
import type { GetJson } from './request.ts';
import { type SourceRow, sources } from './sources.ts';
import { invalid, quoted } from './wire.ts';

/** How often a list is read in one poll. What still answers 404 then is taken for listed. */
const mostLists = 5;

/** What an interface endpoint said of itself: `absent` is a 404. */
type Told = { readonly detail: DetailReading } | { readonly unreadable: string } | 'absent';

/**
 * One complete poll. Throws AtlasError. The list alone decides what exists: an interface endpoint that answers 404 leads to
 * one more list. No longer listed there it is gone; still listed it cannot be read, and every other one goes on.
 * `asksManaged`: whether Atlas' managed strings are asked of a cluster that was just read.
 */
export async function readSource(
  source: Source,
  visit: Visit,
  asksManaged: (cluster: Cluster) => boolean = hasNoString,
): Promise<Reading> {
  const { get } = visit;
  const row = sources[source.kind][source.api];
  if (!row) throw new AtlasError({ reason: 'internal', detail: `${source.kind} is not served by API ${source.api}` });
  if ('clusters' in row) {
    const clusters: Cluster[] = [];
    for (const cluster of await row.clusters(get, source))
      clusters.push(asksManaged(cluster) ? await row.withManaged(get, source, cluster) : cluster);
    return { api: source.api, connections: [], clusters };
  }
  const told = new Map<string, Told>();
  let listed = checked(await row.list(get, source));
  if (row.detail && source.interfaceEndpoints) {
    const askOne = (place: Place) => ask(row, get, source, place);
    for (let lists = 1; (await askAll(listed, told, visit, askOne)) && lists < mostLists; lists++) {
      listed = checked(await row.list(get, source));
    }
  }
  const connections = listed.map((connection) => withDetails(connection, told, source));
  return { api: source.api, connections, clusters: [] };
}

interface Place {
  readonly connectionId: string;
  readonly key: string;
  readonly id: string;
}

/** Asks every interface endpoint that was not asked yet. Resolves with whether one of them is absent. */
async function askAll(
  listed: readonly ConnectionReading[],
  told: Map<string, Told>,
  { expectDetails }: Pick<Visit, 'expectDetails'>,
  askOne: (place: Place) => Promise<Told>,
): Promise<boolean> {
  const places = listed
    .flatMap(({ id: connectionId, interfaceEndpoints }) =>
      (interfaceEndpoints ?? []).map(({ key, id }): Place => ({ connectionId, key, id })),
    )
    .filter((place) => !told.has(nameOf(place)));
  let someAbsent = false;
  let isBroken = false;
  const rest = places.values();
  const work = async () => {
    for (const place of rest) {
      const answer = await askOne(place).catch((thrown) => {
        isBroken = true;
        throw thrown;
      });
      someAbsent ||= answer === 'absent';
      told.set(nameOf(place), answer);
      if (isBroken) return;
    }
  };
  // Every request has ended before a failure is thrown: a lane with a request under way cannot be given back.
  const ends = await Promise.allSettled(Array.from({ length: expectDetails(places.length) }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return someAbsent;
}

/** A project that is not there, and every failure but that of this one answer, fails the poll. */
async function ask({ detail }: SourceRow, get: GetJson, source: Source, { connectionId, id }: Place): Promise<Told> {
  try {
    const answer = await detail?.(get, source, connectionId, id);
    return answer ? { detail: answer } : 'absent';
  } catch (thrown) {
    if (!(thrown instanceof AtlasError)) throw thrown;
    if (isAbsence(thrown)) return 'absent';
    // An answer that came and is not what it should be; what Atlas refuses is told elsewhere.
    if (thrown.reason === 'invalid_response' && thrown.status === null) return { unreadable: thrown.detail };
    throw thrown;
  }
}

/** Atlas' own 404, not one that a web filter or a project that is gone gives. */
function isAbsence({ status, errorCode, reason }: AtlasError): boolean {
  return status === 404 && errorCode !== null && reason !== 'project_not_found';
}

function withDetails(
  connection: ConnectionReading,
  told: ReadonlyMap<string, Told>,
  source: Source,
): ConnectionReading {
  const { id: connectionId, interfaceEndpoints } = connection;
  // A list of one cloud tells it of every element, also of one that cannot be read.
  const cloudProvider = connection.cloudProvider || source.cloudProvider;
  const detailed = interfaceEndpoints?.map((endpoint): InterfaceEndpointReading => {
    const answer = told.get(nameOf({ connectionId, key: endpoint.key }));
    if (answer === undefined) return endpoint;
    if (answer === 'absent') return { ...endpoint, unreadable: 'Atlas lists it and answers 404' };
    return { ...endpoint, ...answer };
  });
  return { ...connection, cloudProvider, interfaceEndpoints: detailed ?? null };
}

/** How many details one list may ask for: each is a request. Atlas allows 50 in a region. */
const mostEndpoints = 3_000;

function checked(listed: readonly ConnectionReading[]): readonly ConnectionReading[] {
  const endpoints = listed.reduce((sum, { interfaceEndpoints }) => sum + (interfaceEndpoints?.length ?? 0), 0);
  if (endpoints > mostEndpoints) {
    throw invalid(`The list has ${endpoints} interface endpoints, more than ${mostEndpoints}`);
  }
  const twice = duplicateId(listed);
  if (twice !== null) throw invalid(`The list has ${quoted(twice)} twice`);
  return listed;
}

function nameOf({ connectionId, key }: Pick<Place, 'connectionId' | 'key'>): string {
  return JSON.stringify([connectionId, key]);
}
