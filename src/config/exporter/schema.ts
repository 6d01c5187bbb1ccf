/** The schema of the config file, key by key. Checks of several keys at once are in checks.ts. */

import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { kinds } from '../../domain/status.ts';
import { withoutEnd } from '../../domain/without-ends.ts';

const flag = z.boolean({ error: 'must be true or false' });
const dayMs = 24 * 60 * 60 * 1000;

/** A duration such as `30s`: parsed to ms. */
function duration(minMs: number, maxMs: number) {
  const range = `between ${ms(minMs)} and ${ms(maxMs)}`;
  return z
    .string({ error: `write a duration with its unit, as in '30s' or '15m'` })
    .regex(/^\d+(?:\.\d+)? ?(?:ms|s|m|h|d)$/, `write a duration with its unit, as in '30s' or '15m'`)
    .transform((text, context) => {
      const value = ms(text as StringValue);
      if (value >= minMs && value <= maxMs) return value;
      context.addIssue({ code: 'custom', message: `must be ${range}` });
      return z.NEVER;
    })
    .meta({ examples: ['30s', '15m', '24h'] });
}

/** An id without quotes that holds digits alone, or one `e`, is a number in YAML. */
const quoteIt = (what: string) => ({
  error: ({ input }: { input?: unknown }) =>
    typeof input === 'number' ? `YAML reads this as a number: quote it, as in "5df264b8f10fab7d2cad2f0d"` : what,
});
const id = z
  .string(quoteIt('write the id of 24 hex digits'))
  .regex(/^[0-9a-fA-F]{24}$/, 'is no Atlas id: write its 24 hex digits, as they stand in the URL of Atlas')
  .transform((text) => text.toLowerCase());
const text = (what: string) => z.string(quoteIt(what)).min(1, 'must not be empty');
const cron = text('write a cron expression').describe('Cron expression, 6 fields (seconds first) or 5');
const credentialName = text('write the name of a credential').describe(
  'Name of an entry of credentials; may be left out when there is only one',
);
const whole = (min: number, max: number) =>
  z
    .int({ error: `must be a whole number between ${min} and ${max}` })
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);
const pattern = text('write a regular expression').transform((source, context) => {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    context.addIssue({
      code: 'custom',
      // The engine's message repeats the whole pattern before its reason.
      message: `is no regular expression: ${(error instanceof Error ? error.message : '').split('/u: ').at(-1)}`,
    });
    return z.NEVER;
  }
});
const providerList = z
  .array(z.enum(['AWS', 'AZURE', 'GCP'], { error: 'is no cloud provider: write AWS, AZURE or GCP' }))
  .min(1, 'must name at least one cloud provider')
  .describe('Clouds to ask for; naming only those in use saves requests and series');
const kindList = z
  .array(z.enum(kinds, { error: `is no kind: write ${kinds.join(', ')}` }))
  .min(1, 'must name at least one kind')
  .describe('Which private endpoints to watch');

const baseUrl = z
  .string({ error: 'write the URL of Atlas' })
  .transform((text) => withoutEnd(text, '/'))
  .refine(
    (text) => URL.canParse(text) && /^https?:\/\/[^/?#@]+$/.test(text),
    `must be a URL such as 'https://cloud.mongodb.com', without a path or a user`,
  )
  .refine(
    (text) => !text.startsWith('http:') || isLoopback(text),
    'must begin with https: http is only for this very machine',
  );

const digest = z
  .strictObject({
    publicKey: text('write the public key').optional().describe('Public part of a programmatic API key'),
    publicKeyFile: text('write a path')
      .optional()
      .describe('File that holds the public key; read again when it changes'),
    privateKey: text('write the private key').optional().describe('Private part; better a file or ${VARIABLE}'),
    privateKeyFile: text('write a path')
      .optional()
      .describe('File that holds the private key; read again when it changes'),
  })
  .describe('Programmatic API key, by HTTP Digest');
const serviceAccount = z
  .strictObject({
    clientId: text('write the client id').optional().describe('Client id of a service account, mdb_sa_id_…'),
    clientIdFile: text('write a path').optional().describe('File that holds the client id'),
    clientSecret: text('write the client secret').optional().describe('Client secret; better a file or ${VARIABLE}'),
    clientSecretFile: text('write a path')
      .optional()
      .describe('File that holds the client secret; read again when it changes'),
  })
  .describe('OAuth 2.0 client credentials');

const project = z.strictObject({
  id: id.describe('Id of the Atlas project, 24 hex digits; quote one that is all digits'),
  name: text('write a name').optional().describe('Shown instead of what Atlas calls it'),
  credential: credentialName.optional(),
  providers: providerList.optional(),
  kinds: kindList.optional(),
  schedule: cron.optional(),
  labels: z
    .record(z.string(), z.string(quoteIt('write a text')))
    .optional()
    .describe('Labels of mongodb_atlas_project_info, for routing alerts'),
});

const organization = z.strictObject({
  organization: id.describe('Id of the organization, 24 hex digits'),
  credential: credentialName.optional(),
  include: pattern.optional().describe("Regular expression on the project's name: only these"),
  exclude: pattern.optional().describe("Regular expression on the project's name: not these"),
  providers: providerList.optional(),
  kinds: kindList.optional(),
  schedule: cron.default('0 */10 * * * *').describe('When the projects are listed again'),
  labels: z
    .record(z.string(), z.string(quoteIt('write a text')))
    .optional()
    .describe('Labels of mongodb_atlas_project_info of each project found'),
});

export const configSchema = z.strictObject({
  atlas: z
    .strictObject({
      baseUrl: baseUrl
        .default('https://cloud.mongodb.com')
        .describe('https://cloud.mongodbgov.com for Atlas for Government'),
      api: z
        .enum(['v2', 'v1.0'], { error: `must be v2 or v1.0` })
        .default('v2')
        .describe('v2, or v1.0 for the deprecated /groups/{id}/privateEndpoint'),
      timeout: duration(100, 10 * 60 * 1000)
        .prefault('10s')
        .describe('For a whole request, body included'),
      retries: whole(0, 10).default(3).describe('For each request, of what is worth retrying'),
      concurrency: whole(1, 1000).default(32).describe('Requests in flight for each credential'),
      caFile: text('write a path').optional().describe('Certificate authorities (PEM) to trust besides the usual ones'),
    })
    .prefault({})
    .describe('How to reach Atlas'),
  credentials: z
    .record(
      z.string().regex(/^[\w.-]{1,64}$/, 'names of credentials are letters, digits, "_", "-" and "."'),
      z.strictObject({ digest: digest.optional(), serviceAccount: serviceAccount.optional() }),
    )
    .prefault({})
    .describe('Who asks: a programmatic API key or a service account, by a name of your choice'),
  projects: z.array(project).prefault([]).describe('Projects to watch'),
  discovery: z.array(organization).prefault([]).describe('Organizations whose projects are watched, all or by name'),
  poll: z
    .strictObject({
      schedule: cron.default('0 * * * * *'),
      timezone: text('write a time zone')
        .default('UTC')
        .describe('Of every schedule; zones with summer time pause or repeat an hour'),
      spread: duration(0, 60 * 60 * 1000)
        .prefault('30s')
        .describe('Polls begin spread over this time after each tick'),
      fastSchedule: z
        .union([cron, z.literal(false)], { error: 'must be a cron expression, or false' })
        .default('*/15 * * * * *')
        .describe('Besides schedule, where something is progressing or deleting, for an hour; false for none'),
      interfaceEndpoints: flag.default(true).describe("v2: ask for each interface endpoint's own status"),
      slowSchedule: cron
        .default('0 */5 * * * *')
        .describe('When clusters are listed; those of a project also at once after a change of its private endpoints'),
      kinds: kindList
        .optional()
        .describe('What is watched: cluster and connection_strings when left out; with api v1.0 cluster alone'),
      auditLog: flag.default(true).describe("v2: after a change, ask Atlas' audit log who made it"),
    })
    .prefault({})
    .describe('What is asked, and when'),
  state: z
    .strictObject({
      path: text('write a path').default('data/state.db').describe('The state database; ":memory:" keeps nothing'),
      changesKept: whole(0, 10_000_000)
        .default(10_000)
        .describe('Newest changes kept for the status page and /api/v1/changes'),
    })
    .prefault({})
    .describe('What outlives a restart'),
  metrics: z
    .strictObject({
      staleAfter: duration(1_000, 30 * dayMs)
        .prefault('15m')
        .describe('Without a good poll for so long a source loses its state series'),
      tombstoneFor: duration(1_000, 365 * dayMs)
        .prefault('24h')
        .describe('How long what is gone is still told of'),
      errorMessageText: flag.default(true).describe('false leaves error_message="" on the error_info families'),
    })
    .prefault({})
    .describe('What is shown on /metrics'),
});

/** A config as the schema gives it: defaults filled in, durations in ms. */
export type ParsedConfig = z.output<typeof configSchema>;

/** The JSON Schema of the file, as editors read it. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'Config of atlas-private-endpoint-exporter' };
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
