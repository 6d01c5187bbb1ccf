/** Which projects discovery found, listing by listing. */

export interface ListedProject {
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
}

/** How the listings of one organization went. */
export interface DiscoveryState {
  readonly organization: string;
  /** Whether the last listing was complete; false before the first one. */
  readonly up: boolean;
  /** Wall ms of the last complete listing by this process; null for none. */
  readonly lastSuccessAt: number | null;
  /** How many of its projects are watched. */
  readonly projects: number;
}

/** Discovered projects by id, each with the number of complete listings in a row that lacked it. */
export type Listing = ReadonlyMap<string, ListedProject & { readonly missed: number }>;

/** A project leaves when this many complete listings in a row lack it: one that is cut short by Atlas removes nothing. */
const missesToLeave = 2;

/** Enters a complete listing. `left`: who is no longer watched from now on. */
export function recordListing(
  before: Listing,
  listed: readonly ListedProject[],
): { readonly listing: Listing; readonly left: readonly ListedProject[] } {
  const present = new Map(listed.map((project) => [project.id, { ...project, missed: 0 }]));
  const absent = [...before.values()].filter(({ id }) => !present.has(id));
  const missed = absent.map((project) => ({ ...project, missed: project.missed + 1 }));
  const stay = missed.filter((project) => project.missed < missesToLeave);
  const all = [...present.values(), ...stay].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    listing: new Map(all.map((project) => [project.id, project])),
    left: missed.filter((project) => project.missed >= missesToLeave),
  };
}

/** A complete listing without a wanted project: what it means, and what to do. `listed` counts its projects. */
export function emptyListing(listed: number): { readonly detail: string; readonly remedy: string } {
  return listed === 0
    ? {
        detail: 'Atlas lists no project of the organization',
        remedy:
          'Check the id of the organization, and give the credential the role Organization Read Only: an Organization Member sees only the projects that it was added to',
      }
    : {
        detail: `None of the projects that Atlas lists is wanted: ${listed} listed`,
        remedy: 'Check include and exclude of the entry of discovery: they are matched with the names of projects',
      };
}
