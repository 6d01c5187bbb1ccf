/** `check --online`: tries every list of every project, and says by cause what cannot be read and what to mend. */
import type { World } from '../app/host.ts';
import { toSettings } from '../app/settings.ts';
import type { Atlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import type { Config } from '../config/exporter/config.ts';
import { emptyListing } from '../domain/listing.ts';
import { type LookupQuestion, questionsOf } from '../domain/lookup.ts';
import { plainLine } from '../domain/plain-line.ts';
import { plan } from '../domain/plan.ts';
import type { Project } from '../domain/project.ts';
import { secretEndsSoon, secretEndWords, secretRemedy } from '../domain/secret-end.ts';
import type { Source } from '../domain/source.ts';
import { isWanted } from '../polling/discovery.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import type { Settings } from '../polling/watch.ts';
import { type Attempt, causeLines, counted, readableLines } from './check-report.ts';
import { createCommandAtlas } from './command-atlas.ts';
import { listenForInterruption } from './interruption.ts';
import { longestPollLine } from './poll-times.ts';
import { createProgress } from './progress.ts';

/** Exit code: 0 when everything can be read, 2 when something cannot, 130 after Ctrl+C, when what was tried is told. */
export async function checkOnline(config: Config, world: World): Promise<number> {
  using interruption = listenForInterruption(world);
  const { signal } = interruption;
  await using atlas = createCommandAtlas(config, world);
  const settings = toSettings(config);
  const listings = await Promise.all(settings.organizations.map((entry) => tryListing(atlas, entry, signal)));
  for (const { ok, line } of listings) {
    // After an interrupt a listing failed because of it, and that is no cause to mend.
    if (ok) world.stdout.write(`# ${line}\n`);
    else if (!signal.aborted) world.stderr.write(`${line}\n`);
  }
  const names = new Map(listings.flatMap(({ names: found }) => [...found]));
  for (const { id, name } of settings.projects) names.set(id, name ?? id);
  const { sources } = plan({
    ...settings,
    configured: settings.projects,
    discovered: listings.flatMap(({ projects }) => projects),
  });
  const attempts = await tryLists(atlas, sources, names, world, signal);
  for (const line of readableLines(attempts)) world.stdout.write(`# ${plainLine(line)}\n`);
  const longest = longestPollLine(
    attempts.flatMap(({ source, project, outcome }) =>
      outcome.ok ? { source, project, details: outcome.details } : [],
    ),
  );
  if (longest !== null) world.stdout.write(`# ${plainLine(longest)}\n`);
  for (const line of await secretLines(atlas, sources, listings, world, signal))
    world.stdout.write(`# ${plainLine(line)}\n`);
  for (const line of causeLines(attempts)) world.stderr.write(`${plainLine(line)}\n`);
  const interrupted = interruption.exitCode();
  if (interrupted !== null) {
    world.stderr.write(`Interrupted: ${attempts.length} of ${counted(sources.length, 'list')} tried\n`);
    return interrupted;
  }
  return listings.every(({ ok }) => ok) && attempts.every(({ outcome }) => outcome.ok) ? 0 : 2;
}

interface TriedListing {
  readonly ok: boolean;
  readonly line: string;
  readonly organization: string;
  /** The wanted projects. */
  readonly projects: readonly Project[];
  readonly names: ReadonlyMap<string, string>;
}

/** Lists an organization. No wanted project in it is a failure too: nothing of it would ever be polled. */
async function tryListing(
  atlas: Atlas,
  entry: Settings['organizations'][number],
  signal: AbortSignal,
): Promise<TriedListing> {
  const { credential, organization } = entry;
  const what = `credential '${credential}', organization ${organization}`;
  const bad = (line: string): TriedListing => ({ ok: false, line, organization, projects: [], names: new Map() });
  try {
    const listed = await atlas.listProjects(credential, { organization, signal });
    const wanted = listed.filter(isWanted(entry));
    if (wanted.length === 0) {
      const { detail, remedy } = emptyListing(listed.length);
      return bad(`Not ok: ${what}: ${detail}\n  ${remedy}`);
    }
    return {
      ok: true,
      line: `ok: ${what}: ${counted(wanted.length, 'wanted project')} of ${listed.length}`,
      organization,
      projects: wanted.map(entry.toProject),
      names: new Map(wanted.map(({ id, name }) => [id, name])),
    };
  } catch (thrown) {
    const { reason, detail, remedy } = toFailure(thrown);
    return bad(`Not ok: ${what}: ${reason}: ${detail}\n  ${remedy}`);
  }
}

/** When the secrets of service accounts end. A role that does not allow to read it is no failure. */
async function secretLines(
  atlas: Atlas,
  sources: readonly Source[],
  listings: readonly TriedListing[],
  { clock }: World,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const types = new Map(atlas.credentialStates().map(({ name, type }) => [name, type]));
  const askables = sources.map((source) => {
    return { source, isListed: false, credentialType: types.get(source.credential) ?? 'digest' } as const;
  });
  const organizations = new Map(
    listings.flatMap(({ projects, organization }) => projects.map(({ id }) => [id, organization])),
  );
  const lines = questionsOf('secret_expiry', atlas.lookups.secret_expiry, askables).map(async (question) => {
    const { credential, projectId } = question;
    const secret = `credential '${credential}': its secret`;
    try {
      const orgId = organizations.get(projectId) ?? (await organizationOf(atlas, question, signal));
      const learned = await atlas.fetchLookup({ ...question, orgId }, signal);
      const endsAt = learned?.credentials?.get(credential)?.secretExpiresAt ?? null;
      if (endsAt === null) return [];
      const words = `${secret} ${secretEndWords(endsAt, clock.wall())}`;
      return secretEndsSoon(endsAt, clock.wall()) ? [words, `  ${secretRemedy}`] : [words];
    } catch (thrown) {
      const { detail, remedy } = toFailure(thrown);
      return signal.aborted ? [] : [`${secret}: not known when it ends: ${detail}`, `  ${remedy}`];
    }
  });
  return (await Promise.all(lines)).flat();
}

/** The organization of a project that the config names; '' when Atlas does not tell. */
async function organizationOf(atlas: Atlas, question: LookupQuestion, signal: AbortSignal): Promise<string> {
  const names = { ...question, lookup: 'names', orgId: '' } as const;
  const learned = await atlas.fetchLookup(names, signal).catch(() => null);
  return learned?.projects?.get(question.projectId)?.orgId ?? '';
}

/** In the order of the sources; after an abort those that were tried until then. */
async function tryLists(
  atlas: Atlas,
  sources: readonly Source[],
  names: ReadonlyMap<string, string>,
  world: World,
  signal: AbortSignal,
): Promise<readonly Attempt[]> {
  const progress = createProgress(world, sources.length, 'lists tried');
  const tried = await Promise.all(
    sources.map(async (source): Promise<Attempt | null> => {
      const outcome = await tryList(atlas, source, signal);
      if (signal.aborted && !outcome.ok) return null;
      progress.step();
      return { source, project: names.get(source.projectId) ?? source.projectId, outcome };
    }),
  );
  progress.clear();
  return tried.flatMap((attempt) => attempt ?? []);
}

async function tryList(atlas: Atlas, source: Source, signal: AbortSignal): Promise<Attempt['outcome']> {
  try {
    let details = 0;
    const deadlineMs = (more: number) => {
      details += more;
      return pollDeadlineMs(source, more);
    };
    const { connections, clusters } = await atlas.fetchReading(source, { signal, deadlineMs });
    const there = connections.filter(({ leaving }) => !leaving);
    return { ok: true, elements: there.length + clusters.length, details };
  } catch (thrown) {
    return { ok: false, failure: toFailure(thrown) };
  }
}
