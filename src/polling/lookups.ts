/**
 * Look-ups, by their table: each subject is asked when it comes and then as often as its row says. A look-up that fails keeps
 * what was learned before.
 */
import type { CredentialState } from '../domain/credential.ts';
import type { Failure, FailureReason } from '../domain/failure.ts';
import {
  type Askable,
  type Learned,
  type LookupQuestion,
  type LookupRow,
  type LookupState,
  questionsOf,
} from '../domain/lookup.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';
import { createBatch } from './batch.ts';
import { createLookupTrouble, type LookupTeller, type LookupTrouble } from './lookup-trouble.ts';
import { createWalk, type Walk } from './walk.ts';

export interface Lookups extends AsyncDisposable {
  /** Whom to ask from now on. A subject that comes is asked soon, one that stays keeps its turn. */
  configure(
    sources: readonly Source[],
    isListed: (projectId: string) => boolean,
    /** Look-ups that the config turns off. */
    off?: ReadonlySet<string>,
  ): void;
  /** Whether a look-up that is asked after changes asks this project. */
  asksAfterChange(projectId: string): boolean;
  /** Asks a project after a change of it; null when it is not to be asked, or the look-up failed. */
  askAfterChange(projectId: string, since: number): Promise<Learned | null>;
  /** Asks a project now what is asked by time anyhow; nothing where it is not asked. */
  askNow(lookup: string, projectId: string): void;
  /** The look-ups that are asked, in the order of the table. */
  states(): readonly LookupState[];
}

export interface LookupsParts<Name extends string> {
  readonly clock: Clock;
  readonly rows: Readonly<Record<Name, LookupRow>>;
  /** Asks Atlas, or throws; null when the polls need what is left of a rate limit. */
  fetch(question: LookupQuestion<Name>, signal: AbortSignal): Promise<Learned | null>;
  failureOf(thrown: unknown): Failure;
  /** What was learned since the last call: the first news at once, what follows within 15 s together. */
  learned(news: Learned): void;
  credentials(): readonly Pick<CredentialState, 'name' | 'type' | 'secrets'>[];
  readonly tell: LookupTeller<Name>;
}

/** How soon a look-up that failed is tried again, in ms. */
const againAfterMs = 5 * 60 * 1000;
/** How soon one that left a rate limit to the polls is tried again, in ms: buckets are filled up every minute. */
const spareMs = 60 * 1000;
/** What does not pass by itself is asked again as seldom as what can be read. */
const lasting: ReadonlySet<FailureReason> = new Set(['forbidden', 'project_not_found', 'not_supported']);

/** One walk for each credential: where one waits, the others go on. */
export function createLookups<Name extends string>(parts: LookupsParts<Name>): Lookups {
  const { clock, rows } = parts;
  const names = Object.keys(rows) as Name[];
  const walks = new Map<string, Walk<Planned<Name>>>();
  /** One batch for each look-up: the first news of a slow one must not wait for a quick one's. */
  const batches = new Map(names.map((name) => [name, createBatch(parts.learned, clock)]));
  const trouble = createLookupTrouble(parts.tell);
  /** What is asked, by its key. */
  let wanted = new Map<string, LookupQuestion<Name>>();
  let askedNames = new Set<Name>();
  let secrets = new Map<string, number>();
  /** Those who wait for an answer after a change. */
  const open = new Map<(learned: null) => void, string>();
  let closed = false;

  const onChange = names.filter((name) => rows[name].everyMs === null);
  const onChangeOf = (projectId: string) => onChange.flatMap((name) => wanted.get(`${name} ${projectId}`) ?? []);
  const ask = createAsk(parts, {
    learned: (lookup, news) => batches.get(lookup)?.add(news),
    trouble,
    isWanted: (question) => !closed && wanted.get(keyOf(question)) === question,
  });
  const walkOf = (credential: string): Walk<Planned<Name>> => {
    const walk = walks.get(credential) ?? createWalk({ clock, ask });
    walks.set(credential, walk);
    return walk;
  };
  const leave = (key: string, question: LookupQuestion<Name>) => {
    walks.get(question.credential)?.drop(key);
    for (const [resolve, asked] of open) if (asked === key) resolve(null);
    trouble.forget(question);
    if (wanted.has(key)) return;
    batches.get(question.lookup)?.add(rows[question.lookup].unknown(question.subject));
  };

  return {
    configure(sources, isListed, off = new Set()) {
      const credentials = new Map(parts.credentials().map((state) => [state.name, state]));
      const askables = sources.map((source): Askable => {
        const credentialType = credentials.get(source.credential)?.type ?? 'digest';
        return { source, isListed: isListed(source.projectId), credentialType };
      });
      const before = wanted;
      const on = names.filter((name) => !off.has(name));
      const asked = on.flatMap((name) => questionsOf(name, rows[name], askables));
      wanted = withKnown(asked, before, sources);
      askedNames = new Set(asked.map(({ lookup }) => lookup));
      for (const [key, question] of before) if (wanted.get(key) !== question) leave(key, question);
      for (const [key, question] of wanted) {
        const { firstAfterMs, scope, everyMs } = rows[question.lookup];
        if (everyMs === null) continue;
        const { credential } = question;
        // What is known of a secret says nothing of the next one.
        const isRotated = scope === 'credential' && secrets.get(credential) !== credentials.get(credential)?.secrets;
        if (before.get(key) !== question || isRotated) walkOf(credential).put(key, { question }, firstAfterMs);
      }
      secrets = new Map([...credentials.values()].map((state) => [state.name, state.secrets]));
    },
    asksAfterChange: (projectId) => onChangeOf(projectId).length > 0,
    async askAfterChange(projectId, since) {
      const [question] = onChangeOf(projectId);
      if (!question || closed) return null;
      const { promise, resolve } = Promise.withResolvers<Learned | null>();
      open.set(resolve, keyOf(question));
      walkOf(question.credential).put(
        keyOf(question),
        { question, since, answer: resolve },
        rows[question.lookup].firstAfterMs,
      );
      return promise.finally(() => open.delete(resolve));
    },
    askNow(lookup, projectId) {
      const key = keyOf({ lookup, subject: projectId });
      const question = wanted.get(key);
      if (question && !closed) walkOf(question.credential).put(key, { question }, 0);
    },
    states: () =>
      names.filter((name) => askedNames.has(name)).map((lookup) => ({ lookup, up: !trouble.isFailing(lookup) })),
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const resolve of open.keys()) resolve(null);
      for (const batch of batches.values()) batch[Symbol.dispose]();
      await Promise.all([...walks.values()].map((walk) => walk[Symbol.asyncDispose]()));
    },
  };
}

interface AskParts<Name> {
  learned(lookup: Name, news: Learned): void;
  readonly trouble: LookupTrouble<Name>;
  isWanted(question: LookupQuestion<Name>): boolean;
}

/** A question in its walk; `answer` hears what came of one that is asked after a change. */
interface Planned<Name> {
  readonly question: LookupQuestion<Name>;
  readonly since?: number;
  readonly answer?: (learned: Learned | null) => void;
}

/** One look-up: what it learned or how it failed is told, and it resolves with the ms after which to ask again. */
function createAsk<Name extends string>(
  { rows, fetch, failureOf }: LookupsParts<Name>,
  { learned, trouble, isWanted }: AskParts<Name>,
): (planned: Planned<Name>, signal: AbortSignal) => Promise<number | null> {
  return async ({ question, since, answer }, signal) => {
    const { everyMs } = rows[question.lookup];
    const again = (ms: number) => (everyMs === null ? null : Math.min(ms, everyMs));
    try {
      const news = await fetch(since === undefined ? question : { ...question, since }, signal);
      answer?.(news);
      if (news === null) return again(spareMs);
      if (isWanted(question)) learned(question.lookup, news);
      trouble.succeeded(question);
      return everyMs;
    } catch (thrown) {
      answer?.(null);
      const failure = failureOf(thrown);
      if (isWanted(question)) trouble.failed(question, failure);
      return lasting.has(failure.reason) ? everyMs : again(againAfterMs);
    }
  };
}

/** The questions by their keys. One that stays is the same object: an answer that is on its way belongs to it. */
function withKnown<Name>(
  asked: readonly LookupQuestion<Name>[],
  before: ReadonlyMap<string, LookupQuestion<Name>>,
  sources: readonly Source[],
): Map<string, LookupQuestion<Name>> {
  const read = new Set(sources.map(({ projectId, credential }) => `${projectId} ${credential}`));
  return new Map(
    asked.map((question) => {
      const key = keyOf(question);
      const known = before.get(key);
      const stays = known?.credential === question.credential && read.has(`${known.projectId} ${known.credential}`);
      return [key, stays ? known : question];
    }),
  );
}

/** The subject alone: one that is asked by another credential now is the same subject. */
function keyOf({ lookup, subject }: Pick<LookupQuestion<unknown>, 'lookup' | 'subject'>): string {
  return `${lookup} ${subject}`;
}
