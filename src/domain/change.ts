import type { ClusterChange } from './cluster.ts';
import { headLength, normaliseErrorMessage } from './error-message.ts';
import type { Connection, InterfaceEndpoint, Snapshot } from './snapshot.ts';
import { connectionClass, interfaceEndpointClass, type Kind } from './status.ts';

export const errorChanges = ['set', 'changed', 'reworded', 'cleared'] as const;
/** null to a message; another message; the same message in other words; a message to null. */
export type ErrorChange = (typeof errorChanges)[number];

interface Place {
  readonly connectionId: string;
  /** Identity of the interface endpoint (its key), null when the connection itself changed. */
  readonly interfaceEndpointKey: string | null;
  /** As Atlas spells it. */
  readonly interfaceEndpointId: string | null;
}

/** A difference between two snapshots of one source. Statuses are Atlas' own words, also those nobody knew before. */
export type LinkChange = Place &
  (
    | {
        readonly type: 'added';
        readonly from: null;
        readonly to: string | null;
      }
    | {
        readonly type: 'removed';
        readonly from: string | null;
        readonly to: null;
        /** Whether its removal was seen to be asked for, or under way, before. */
        readonly requested: boolean;
      }
    | { readonly type: 'status'; readonly from: string; readonly to: string }
    /** Somebody asked for the removal of an interface endpoint. */
    | { readonly type: 'delete_requested'; readonly from: null; readonly to: null }
    /** Other regions that may connect, as one text; null for none. */
    | { readonly type: 'remote_regions'; readonly from: string | null; readonly to: string | null }
    | {
        readonly type: 'error_message';
        readonly change: ErrorChange;
        readonly from: string | null;
        readonly to: string | null;
      }
  );

/** What happened to a source: to its connections, or to its clusters. */
export type Change = LinkChange | ClusterChange;

/** What both snapshots know of a thing that has a status and may have an error. */
interface Facts {
  /** null when it was never read. */
  readonly status: string | null;
  readonly errorMessage: string | null;
}

/**
 * Everything that differs, in the order of ids: for each connection its own changes, then those of its interface
 * endpoints. What is new brings its `errorMessage` as a `set`; its first status is no change. What was known by its id
 * only, or never read, tells nothing by becoming known better. `leaving`: ids of connections that are gone because
 * somebody asked for that, though their last status does not say so.
 */
export function diff(
  before: Snapshot,
  after: Snapshot,
  kind: Kind,
  leaving: ReadonlySet<string> = new Set(),
): readonly LinkChange[] {
  const compare = createComparison(namesInMessages(before, after));
  return pairs(before.connections, after.connections, ({ id }) => id).flatMap(([was, is]) => {
    const { id } = (is ?? was) as Connection;
    const own: Place = {
      connectionId: id,
      interfaceEndpointKey: null,
      interfaceEndpointId: null,
    };
    const isDeleting = was !== undefined && connectionClass(kind, before.api, was.status ?? '', 0) === 'deleting';
    return [
      ...changesOf(own, was ?? null, is ?? null, compare, isDeleting || leaving.has(id)),
      ...remoteRegionChanges(own, was?.remoteRegions, is?.remoteRegions),
      ...pairs(was?.interfaceEndpoints ?? [], is?.interfaceEndpoints ?? [], ({ key }) => key).flatMap((pair) =>
        interfaceEndpointChanges(id, ...pair, compare, (endpoint) => {
          const status = endpoint?.detail?.status;
          return status !== undefined && interfaceEndpointClass(kind, was?.cloudProvider ?? '', status) === 'deleting';
        }),
      ),
    ];
  });
}

/** What is learned first is no change. */
function remoteRegionChanges(
  place: Place,
  was: readonly string[] | undefined,
  is: readonly string[] | undefined,
): readonly LinkChange[] {
  const [from, to] = [was, is].map((regions) => regions?.join(', ') || null) as [string | null, string | null];
  return was && is && from !== to ? [{ ...place, type: 'remote_regions', from, to }] : [];
}

function interfaceEndpointChanges(
  connectionId: string,
  was: InterfaceEndpoint | undefined,
  is: InterfaceEndpoint | undefined,
  compare: Compare,
  isDeleting: (endpoint: InterfaceEndpoint | undefined) => boolean,
): readonly LinkChange[] {
  const wasAskedFor = was?.detail?.deleteRequested === true;
  const requested = wasAskedFor || isDeleting(was);
  const { key, id } = (was ?? is) as InterfaceEndpoint;
  const place: Place = {
    connectionId,
    interfaceEndpointKey: key,
    interfaceEndpointId: id,
  };
  if (was && is) {
    if (!was.detail || !is.detail) return [];
    const changes = changesOf(place, was.detail, is.detail, compare, requested);
    // A status that says it needs no second change.
    const isNews = is.detail.deleteRequested === true && !requested && !isDeleting(is);
    return isNews ? [...changes, { ...place, type: 'delete_requested', from: null, to: null }] : changes;
  }
  if (is)
    return is.detail
      ? changesOf(place, null, is.detail, compare, requested)
      : [{ ...place, type: 'added', from: null, to: null }];
  return [{ ...place, type: 'removed', from: was?.detail?.status ?? null, to: null, requested }];
}

/** `requested`: whether its removal, if it was removed, was asked for. */
function changesOf(
  place: Place,
  was: Facts | null,
  is: Facts | null,
  compare: Compare,
  requested: boolean,
): readonly LinkChange[] {
  if (is === null) return [{ ...place, type: 'removed', from: was?.status ?? null, to: null, requested }];
  if (was?.status === null) return [];
  const changes: LinkChange[] = [];
  if (was === null) changes.push({ ...place, type: 'added', from: null, to: is.status });
  else if (is.status !== null && was.status !== is.status)
    changes.push({ ...place, type: 'status', from: was.status, to: is.status });

  const from = was?.errorMessage ?? null;
  const to = is.errorMessage;
  const change = compare(from, to);
  if (change !== null) changes.push({ ...place, type: 'error_message', change, from, to });
  return changes;
}

/** How a message became another, or null when it did not. */
type Compare = (from: string | null, to: string | null) => ErrorChange | null;

/**
 * How many characters of messages are normalised for one diff: so many take 50 ms. A thousand messages of common length
 * have fewer. What differs beyond that is `changed`: it may be worth a look.
 */
const mostNormalised = 256 * 1024;

function createComparison(isKnown: Known): Compare {
  let left = mostNormalised;
  const normalised = (text: string) => {
    left -= Math.min(text.length, headLength);
    return normaliseErrorMessage(text, isKnown);
  };
  return (from, to) => {
    if (from === to) return null;
    if (from === null) return 'set';
    if (to === null) return 'cleared';
    return left > 0 && normalised(from) === normalised(to) ? 'reworded' : 'changed';
  };
}

type Known = (name: string) => boolean;

/** Whether a word is a name of these snapshots: the id of an interface endpoint or the name of a member. Gathered when first asked. */
export function namesInMessages(...snapshots: readonly Snapshot[]): Known {
  let names: ReadonlySet<string> | null = null;
  return (name) => {
    names ??= new Set(
      snapshots
        .flatMap(({ connections }) => connections)
        .flatMap(({ interfaceEndpoints }) => interfaceEndpoints)
        .flatMap(({ id, detail }) => [id, ...(detail?.memberNames ?? [])]),
    );
    return names.has(name);
  };
}

/** Both lists side by side by key, in the order of keys. */
function pairs<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
): [T | undefined, T | undefined][] {
  const was = new Map(before.map((item) => [keyOf(item), item]));
  const is = new Map(after.map((item) => [keyOf(item), item]));
  return [...new Set([...was.keys(), ...is.keys()])].sort().map((key) => [was.get(key), is.get(key)]);
}
