import { isClusterTroubled } from '../../domain/cluster-standing.ts';
import { isTroubled, standings } from './standing.ts';
import type { Survey } from './survey.ts';
import { count, groupDigits } from './words.ts';

export type Tone = 'bad' | 'warn' | 'good' | 'none';

export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  /** Further sentences below the title. */
  readonly lines: readonly string[];
  /** The title of the browser's tab. */
  readonly short: string;
}

/** The headline: the most important fact of a survey in one line. */
export function headlineOf(survey: Survey): Headline {
  const { connections, by, sources, unpolled } = survey;
  const blind = survey.blind.length;
  const projects = survey.projects.length;
  const broken = by.failed + by.error;
  const troubled = standings.filter(isTroubled).reduce((sum, standing) => sum + by[standing], 0);
  const lines = [...clusterLine(survey), ...blindLine(survey), ...waitingLine(survey)];
  const { clustersTroubled } = survey;

  if (sources === 0) {
    return {
      tone: 'warn',
      title: 'Nothing is watched',
      lines: ['The config names no project that was found'],
      short: 'Nothing watched',
    };
  }
  if (blind === sources) {
    const old = connections > 0 ? ['Everything below is what was last seen'] : [];
    return { tone: 'bad', title: 'Blind: Atlas cannot be read', lines: old, short: 'Blind' };
  }
  if (broken > 0) {
    const title = `${count(broken, 'connection')} of ${groupDigits(connections)} ${broken === 1 ? 'is' : 'are'} broken`;
    return { tone: 'bad', title, lines, short: `${broken} broken` };
  }
  if (troubled > 0) {
    const title = `${count(troubled, 'connection')} of ${groupDigits(connections)} ${troubled === 1 ? 'needs' : 'need'} a look`;
    return { tone: 'warn', title, lines, short: `${troubled} to look at` };
  }
  if (clustersTroubled > 0) {
    const title = `${count(clustersTroubled, 'cluster')} ${clustersTroubled === 1 ? 'needs' : 'need'} a look`;
    return { tone: 'warn', title, lines, short: `${clustersTroubled} to look at` };
  }
  if (blind > 0) return { tone: 'warn', title: 'Some sources cannot be read', lines, short: 'Partly blind' };
  if (unpolled === sources) {
    return { tone: 'none', title: 'Waiting for the first poll', lines: [], short: 'Waiting' };
  }
  const where = projects === 1 ? 'in 1 project' : `in ${groupDigits(projects)} projects`;
  if (connections === 0) {
    const title = `No private endpoint connections ${where}`;
    return { tone: 'none', title, lines: [nothingWords(survey), ...lines], short: 'No connections' };
  }
  return { tone: 'good', title: `All well: ${count(connections, 'connection')} ${where}`, lines, short: 'All well' };
}

/** What was looked for, where no connection was found. */
export function nothingWords({ looked, projects, unpolled, sources }: Survey): string {
  if (sources === 0) return 'Nothing is watched.';
  if (unpolled === sources) return 'No list was read so far.';
  return `Looked for ${looked.join(', ')} in ${count(projects.length, 'project')}: other kinds and clouds are chosen in the config.`;
}

function clusterLine({ clusters, clustersTroubled }: Survey): readonly string[] {
  if (clustersTroubled === 0) return [];
  const of = clustersTroubled === clusters.length ? '' : ` of ${groupDigits(clusters.length)}`;
  const without = clusters.filter(
    ({ standing, cluster }) => isClusterTroubled(standing) && cluster.strings.length === 0,
  );
  const lacking = without.length === 0 ? '' : `, ${groupDigits(without.length)} without a private connection string`;
  return [
    `${groupDigits(clustersTroubled)}${of} ${clusters.length === 1 ? 'cluster' : 'clusters'} in trouble${lacking}`,
  ];
}

function blindLine({ blind, sources }: Survey): readonly string[] {
  return blind.length === 0
    ? []
    : [`${groupDigits(blind.length)} of ${count(sources, 'source')} cannot be read: what they show is old`];
}

function waitingLine({ unpolled, sources }: Survey): readonly string[] {
  return unpolled === 0
    ? []
    : [`${groupDigits(unpolled)} of ${count(sources, 'source')} still wait for their first poll`];
}
