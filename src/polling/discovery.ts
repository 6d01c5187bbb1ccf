/** Lists the projects of organizations on their schedules. A listing that fails or is partial adds and removes nothing. */
import type { Failure } from '../domain/failure.ts';
import { type DiscoveryState, type ListedProject, type Listing, recordListing } from '../domain/listing.ts';
import type { Clock } from '../domain/time.ts';

export interface Organization {
  readonly organization: string;
  readonly credential: string;
  /** Filters on the project's name; null takes every project in, or leaves none out. */
  readonly include: RegExp | null;
  readonly exclude: RegExp | null;
}

export interface DiscoveryParts {
  readonly clock: Pick<Clock, 'wall'>;
  /** Every project of the organization, or throws. */
  list(organization: Organization, signal: AbortSignal): Promise<readonly ListedProject[]>;
  failureOf(thrown: unknown): Failure;
  /** Called after each complete listing that changed which projects are watched, or the name of one. */
  listed(projects: readonly ListedProject[], left: readonly ListedProject[]): void;
  /** Called after the first complete listing of an organization, when it is as it was known. */
  confirmed(): void;
  /** Hears of changes: of a failure when it begins and when its reason or detail changes. */
  readonly tell: {
    recovered(organization: string, projects: number): void;
    failed(organization: string, failure: Failure): void;
    left(organization: string, project: ListedProject): void;
    /** A complete listing holds no wanted project; `listed` counts the others. Told when that begins. */
    empty(organization: string, listed: number): void;
  };
}

export interface Discovery extends AsyncDisposable {
  /**
   * Replaces the organizations. One that was there before keeps its projects and its state; a new one begins with the
   * `known` projects of an earlier process. Projects that the filters leave out now are dropped at once.
   */
  configure(organizations: readonly Organization[], known: readonly ListedProject[]): void;
  /** Lists one organization again. Never rejects; while a listing runs another is not begun. */
  run(organization: string): Promise<void>;
  /** The watched projects of an organization. */
  projectsOf(organization: string): readonly ListedProject[];
  /** Every organization of the config, in its order. */
  states(): readonly DiscoveryState[];
  /** Whether every organization was listed, or tried, once. */
  triedAll(): boolean;
  /** Whether every organization was listed in whole, once. */
  listedAll(): boolean;
}

interface Entry {
  readonly organization: Organization;
  listing: Listing;
  tried: boolean;
  /** Wall ms. */
  lastSuccessAt: number | null;
  /** Why the last listing failed; null when it did not. */
  failing: Failure | null;
  /** Whether the last complete listing held no wanted project. */
  empty: boolean;
  running: Promise<void> | null;
}

export function createDiscovery(parts: DiscoveryParts): Discovery {
  let entries = new Map<string, Entry>();
  const controller = new AbortController();

  const record = (entry: Entry, all: readonly ListedProject[]) => {
    const { organization: id } = entry.organization;
    const wanted = all.filter(isWanted(entry.organization));
    const { listing, left } = recordListing(entry.listing, wanted);
    const changed = left.length > 0 || !sameProjects(entry.listing, listing);
    const isFirst = entry.lastSuccessAt === null;
    const recovered = entry.failing !== null;
    entry.listing = listing;
    entry.lastSuccessAt = parts.clock.wall();
    entry.failing = null;
    if (recovered) parts.tell.recovered(id, listing.size);
    if (wanted.length === 0 && !entry.empty) parts.tell.empty(id, all.length);
    entry.empty = wanted.length === 0;
    for (const project of left) parts.tell.left(id, project);
    if (changed) parts.listed([...listing.values()], left);
    else if (isFirst) parts.confirmed();
  };
  const recordFailure = (entry: Entry, thrown: unknown) => {
    const failure = parts.failureOf(thrown);
    // Another detail is another thing to mend: another address that Atlas refuses.
    if (entry.failing?.reason === failure.reason && entry.failing.detail === failure.detail) return;
    entry.failing = failure;
    parts.tell.failed(entry.organization.organization, failure);
  };

  const list = async (entry: Entry) => {
    // An entry that a reload replaced meanwhile has filters and a credential of the config before: its answer is dropped.
    const isReplaced = () => entries.get(entry.organization.organization) !== entry;
    try {
      const all = await parts.list(entry.organization, controller.signal);
      if (!isReplaced()) record(entry, all);
    } catch (thrown) {
      if (!controller.signal.aborted && !isReplaced()) recordFailure(entry, thrown);
    } finally {
      entry.tried = true;
      entry.running = null;
    }
  };

  return {
    configure(organizations, known) {
      entries = new Map(
        organizations.map((organization) => {
          const entry = toEntry(organization, entries.get(organization.organization), known);
          return [organization.organization, entry];
        }),
      );
    },
    async run(organization) {
      const entry = entries.get(organization);
      if (!entry || controller.signal.aborted) return;
      entry.running ??= list(entry);
      await entry.running;
    },
    projectsOf: (organization) => [...(entries.get(organization)?.listing.values() ?? [])],
    states: () =>
      [...entries].map(([organization, { lastSuccessAt, failing, listing }]) => ({
        organization,
        up: lastSuccessAt !== null && failing === null,
        lastSuccessAt,
        projects: listing.size,
      })),
    triedAll: () => [...entries.values()].every(({ tried }) => tried),
    listedAll: () => [...entries.values()].every(({ lastSuccessAt }) => lastSuccessAt !== null),
    async [Symbol.asyncDispose]() {
      controller.abort();
      await Promise.all([...entries.values()].map(({ running }) => running));
    },
  };
}

/** The entry of an organization: it goes on from the one before, or begins with the known projects. */
function toEntry(organization: Organization, before: Entry | undefined, known: readonly ListedProject[]): Entry {
  const projects = before ? [...before.listing.values()] : known.map((project) => ({ ...project, missed: 0 }));
  const listing = new Map(
    projects
      .filter(({ orgId }) => orgId === organization.organization)
      .filter(isWanted(organization))
      .map((project) => [project.id, project]),
  );
  const { tried = false, lastSuccessAt = null, failing = null } = before ?? {};
  // A reload may have brought other filters, so that no wanted project is told again.
  return { organization, listing, tried, lastSuccessAt, failing, empty: false, running: null };
}

/** Which projects of an organization its filters let through. */
export function isWanted({
  include,
  exclude,
}: Pick<Organization, 'include' | 'exclude'>): (project: ListedProject) => boolean {
  return ({ name }) => (include?.test(name) ?? true) && !exclude?.test(name);
}

function sameProjects(a: Listing, b: Listing): boolean {
  return a.size === b.size && [...a].every(([id, { name }]) => b.get(id)?.name === name);
}
