/** What the set-up of the e2e suites hands to their tests. */
import { inject } from 'vitest';
import { type Programs, type PrometheusVersion, prometheuses } from './prometheuses.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** By the name of the Prometheus: its programs, or why they cannot be had. */
    programs: Readonly<Record<string, Programs | string>>;
    /** The name of the Prometheus that this project of vitest runs on. */
    prometheus: string;
  }
}

/** The Prometheus that this run of the suite is about; the oldest one where a suite runs on one alone. */
export function thisPrometheus(): PrometheusVersion {
  const name = inject('prometheus') as string | undefined;
  const [oldest] = prometheuses;
  const found = name === undefined ? oldest : prometheuses.find((one) => one.name === name);
  if (!found) throw new Error(`No Prometheus is called "${name}"`);
  return found;
}

/** Throws an Error that says what to do when they cannot be had. */
export function programsOf({ name }: PrometheusVersion): Programs {
  const programs = inject('programs')[name];
  if (programs === undefined || typeof programs === 'string') throw new Error(programs ?? `No programs for "${name}"`);
  return programs;
}
