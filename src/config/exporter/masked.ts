/** The effective config for `check` and `/config`: defaults filled in, secrets masked. */
import ms from 'ms';
import { stringify } from 'yaml';
import type { Config } from './config.ts';

/** As YAML in the words of the config file. */
export function maskedConfig({ atlas, credentials, projects, discovery, poll, state, metrics }: Config): string {
  return stringify(
    {
      atlas: {
        baseUrl: atlas.baseUrl,
        api: atlas.api,
        timeout: ms(atlas.timeoutMs),
        retries: atlas.retries,
        concurrency: atlas.concurrency,
        ...(atlas.ca !== null && { caFile: atlas.ca.file }),
      },
      // Public keys and client ids are masked too, because they are half of a credential.
      credentials: Object.fromEntries(
        Object.entries(credentials).map(([name, { type, ...secrets }]) => [
          name,
          { [type]: Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, String(secret)])) },
        ]),
      ),
      projects: projects.map(({ id, name, credential, providers, kinds, schedule, labels }) => ({
        id,
        ...(name !== null && { name }),
        credential,
        providers: [...providers],
        kinds: [...kinds],
        schedule,
        ...(Object.keys(labels).length > 0 && { labels }),
      })),
      discovery: discovery.map(
        ({ organization, credential, include, exclude, schedule, providers, kinds, labels }) => ({
          organization,
          credential,
          ...(include && { include: include.source }),
          ...(exclude && { exclude: exclude.source }),
          providers: [...providers],
          kinds: [...kinds],
          schedule,
          ...(Object.keys(labels).length > 0 && { labels }),
        }),
      ),
      poll: {
        schedule: poll.schedule,
        timezone: poll.timezone,
        spread: ms(poll.spreadMs),
        fastSchedule: poll.fastSchedule ?? false,
        slowSchedule: poll.slowSchedule,
        interfaceEndpoints: poll.interfaceEndpoints,
        kinds: [...poll.kinds],
        auditLog: poll.auditLog,
      },
      state,
      metrics: {
        staleAfter: ms(metrics.staleAfterMs),
        tombstoneFor: ms(metrics.tombstoneForMs),
        errorMessageText: metrics.errorMessageText,
      },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}
