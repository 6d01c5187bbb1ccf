/** Lists the projects of organisations on their schedules. A listing that fails or is partial adds and removes nothing. */
import type { FailureReason } from '../domain/failure.ts';
import { type ListedProject, type Listing, recordListing } from '../domain/listing.ts';

export interface Organization {
  readonly organization: string;
  readonly credential: string;
  /** On the project's name; null takes every project in, or leaves none out. */
  readonly include: RegExp | null;
  readonly exclude: RegExp | null;
}

export interface DiscoveryParts {
  /** Every project of the organisation, or throws. */
  list(organization: Organization, signal: AbortSignal): Promise<readonly ListedProject[]>;
  failureOf(thrown: unknown): { readonly reason: FailureReason; readonly detail: string };
  /** Called after each complete listing that changed who is watched, or what somebody is called. */
  listed(projects: readonly ListedProject[], left: readonly ListedProject[]): void;
  /** Called after the first complete listing of an organization, when it is as it was known. */
  confirmed(): void;
  readonly tell: {
    succeeded(organization: string, projects: number): void;
    failed(organization: string, reason: FailureReason, detail: string): void;
    left(organization: string, project: ListedProject): void;
  };
}

export interface Discovery extends AsyncDisposable {
  /** Starts from what an earlier process or config had listed; those the filters leave out now are dropped at once. */
  configure(organizations: readonly Organization[], known: readonly ListedProject[]): void;
  /** Lists one organisation again. Never rejects; while a listing runs another is not begun. */
  run(organization: string): Promise<void>;
  /** Who is watched of an organisation. */
  projectsOf(organization: string): readonly ListedProject[];
  /** Whether every organisation was listed, or tried, once. */
  triedAll(): boolean;
  /** Whether every organisation was listed in whole, once. */
  listedAll(): boolean;
}

interface Entry {
  readonly organization: Organization;
  listing: Listing;
  tried: boolean;
  succeeded: boolean;
  running: Promise<void> | null;
}

export function createDiscovery(parts: DiscoveryParts): Discovery {
  let entries = new Map<string, Entry>();
  const controller = new AbortController();

  const list = async (entry: Entry) => {
    const { organization } = entry;
    try {
      const all = await parts.list(organization, controller.signal);
      // A reload may have replaced the entry meanwhile; its own listing is on the way.
      if (entries.get(organization.organization) !== entry) return;
      const { listing, left } = recordListing(entry.listing, all.filter(isWanted(organization)));
      const changed = left.length > 0 || !sameProjects(entry.listing, listing);
      const isFirst = !entry.succeeded;
      entry.listing = listing;
      entry.succeeded = true;
      parts.tell.succeeded(organization.organization, listing.size);
      for (const project of left) parts.tell.left(organization.organization, project);
      if (changed) parts.listed([...listing.values()], left);
      else if (isFirst) parts.confirmed();
    } catch (thrown) {
      if (controller.signal.aborted) return;
      const { reason, detail } = parts.failureOf(thrown);
      parts.tell.failed(organization.organization, reason, detail);
    } finally {
      entry.tried = true;
      entry.running = null;
    }
  };

  return {
    configure(organizations, known) {
      entries = new Map(
        organizations.map((organization) => {
          const before = entries.get(organization.organization);
          const projects = before ? [...before.listing.values()] : known.map((project) => ({ ...project, missed: 0 }));
          const listing = new Map(
            projects
              .filter(({ orgId }) => orgId === organization.organization)
              .filter(isWanted(organization))
              .map((project) => [project.id, project]),
          );
          const { tried = false, succeeded = false } = before ?? {};
          return [organization.organization, { organization, listing, tried, succeeded, running: null }];
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
    triedAll: () => [...entries.values()].every(({ tried }) => tried),
    listedAll: () => [...entries.values()].every(({ succeeded }) => succeeded),
    async [Symbol.asyncDispose]() {
      controller.abort();
      await Promise.all([...entries.values()].map(({ running }) => running));
    },
  };
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
