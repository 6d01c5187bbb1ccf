/** What `poll --output wide` asks besides the lists: the limits of each project. */
import type { Atlas } from '../atlas/atlas.ts';
import { isNearLimit, limitWords } from '../domain/limit-words.ts';
import { type Learned, questionsOf, together } from '../domain/lookup.ts';
import { plainLine } from '../domain/plain-line.ts';
import type { Plan } from '../domain/plan.ts';
import type { FleetView } from '../domain/view.ts';
import type { Paint } from './table.ts';

/** A look-up that fails hides nothing else. */
export async function fetchLimits(atlas: Atlas, { sources }: Plan, signal: AbortSignal): Promise<Learned> {
  const askables = sources.map((source) => ({ source, isListed: false, credentialType: 'digest' }) as const);
  const learned = await Promise.all(
    questionsOf('limits', atlas.lookups.limits, askables).map((question) =>
      atlas.fetchLookup({ ...question, orgId: '' }, signal).catch(() => null),
    ),
  );
  return learned.reduce<Learned>((all, one) => together(all, one ?? {}), {});
}

/** One line for each limit of each project; what is nearly used up stands out. */
export function limitLines({ projects }: Pick<FleetView, 'projects'>, paint: Paint): readonly string[] {
  const lines = projects.flatMap(({ name, facts: { limits } }) =>
    (limits ?? []).map((limit) => {
      const words = `${plainLine(name)}: ${limitWords(limit)}`;
      return isNearLimit(limit) ? paint(`${words}, nearly used up`, 'needs_user') : words;
    }),
  );
  return lines.length === 0 ? [] : [paint('LIMITS', 'bold'), ...lines, ''];
}
