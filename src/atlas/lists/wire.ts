/** What the wire schemas share. Missing is null where a value may be null: some answers omit keys, others say null. */
import { z } from 'zod';
import { plainLine } from '../../domain/plain-line.ts';
import type { ConnectionReading, InterfaceEndpointReading } from '../../domain/reading.ts';
import { AtlasError } from '../error.ts';
import { mapInTurns } from '../turns.ts';

/** The longest ids are resource paths of Azure, of which no part has over 100 characters. */
const longestId = 1_024;
/** Names, regions and addresses: the longest are resource paths and ARNs of 2,048 characters. */
const longestText = 2_048;

/** A text of bounded length; what is longer says so. Length first, so that nothing looks at the whole of it. */
const upTo = (most: number) =>
  z.string().superRefine((text, context) => {
    if (text.length <= most) return;
    context.addIssue({ code: 'custom', message: `a text of ${text.length} characters, more than ${most}` });
  });

/** An id that stands for itself: one with line breaks, control or bidi characters would read as another one. */
export const identifier = upTo(longestId)
  .min(1)
  .refine((id) => id.length > longestId || plainLine(id) === id, 'Invalid text');

/** A name or a place, in one line. What has no shape of its own is left out of it; a message has a form of its own. */
export const shortText = upTo(longestText).transform(plainLine);

/** Atlas' word, upper-cased; a word that is new is kept. Missing, null and blank are null: Atlas says none. */
export const statusWord = nullish(shortText).transform((word) => word?.trim().toUpperCase() || null);

/** Some answers say `Azure` where others say `AZURE`. A cloud that is new is kept. */
export const cloudWord = shortText
  .transform((word) => word.trim().toUpperCase())
  .refine((word) => word !== '', 'is blank');

/** Present, null or missing: the value or null. */
export function nullish<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null);
}

/** A fact on which nothing else of its element hangs: an odd value is as good as none. */
export const hint = nullish(shortText)
  .catch(null)
  .transform((text) => text || null);

/** The first of a list of such facts. */
export const firstHint = z
  .unknown()
  .optional()
  .transform((value) => (Array.isArray(value) ? (hint.parse(value[0]) ?? null) : null));

/** How many elements a project's list may have: it has some connections in each of 40 regions, and Atlas lists a hundred clusters at most. */
export const mostElements = 1_000;
/** How many elements one connection may list. Atlas allows 50 interface endpoints in a region, and 90 members of one. */
const mostParts = 1_000;

/** A list within an element, its length looked at before anything in it. */
export function someOf<T extends z.ZodType>(schema: T) {
  return z.array(z.unknown()).max(mostParts, `more than ${mostParts} elements`).pipe(z.array(schema));
}

/** Throws an `invalid_response` for anything but a list of a bounded length. */
function listOf(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) throw invalid('The answer is not a list');
  if (answer.length > mostElements) {
    throw invalid(`The list has ${answer.length} elements, more than ${mostElements}`);
  }
  return answer;
}

/** Each element for itself; throws an `invalid_response` that names the first which does not fit. */
export async function parseElements<T extends z.ZodType>(answer: unknown, schema: T): Promise<z.output<T>[]> {
  return mapInTurns(listOf(answer), (element, index) => parseOne(element, schema, `Element ${index}`));
}

/**
 * A list of connections, each read for itself. An element whose `id` field cannot be read fails the list, because its
 * neighbours might be taken for it; one of which anything else cannot be read says why.
 */
export async function parseConnections<T extends z.ZodType<ConnectionFacts>>(
  answer: unknown,
  { schema, id: ownId, toId = (id) => id, endpoints }: ConnectionFormat<T>,
): Promise<ConnectionReading[]> {
  return mapInTurns(listOf(answer), (element, index) => {
    const id = toId(parseOne(element, ownId, `Element ${index}`), element);
    const facts = schema.safeParse(element);
    const attached = endpoints ? endpoints.safeParse(element) : noEndpoints;
    const own = facts.success ? facts.data : nothingRead;
    const wrong = facts.error ?? attached.error;
    const interfaceEndpoints = attached.success ? attached.data : null;
    return {
      id,
      ...own,
      interfaceEndpoints,
      ...(wrong ? { unreadable: `Not what Atlas documents${whatOf(wrong)}` } : {}),
    };
  });
}

/** What an element says of itself, but for its identity and its interface endpoints. */
export type ConnectionFacts = Omit<ConnectionReading, 'id' | 'interfaceEndpoints' | 'unreadable'>;

/** How one kind of connection is written. Made once: zod compiles a schema at its first use, which costs more than a poll. */
export interface ConnectionFormat<T extends z.ZodType<ConnectionFacts>> {
  readonly schema: T;
  /** The field that identifies it: see `idIn`. */
  readonly id: z.ZodType<string>;
  /** From that field to the identity. */
  readonly toId?: (id: string, element: unknown) => string;
  /** The field that lists interface endpoints, where the kind has them. */
  readonly endpoints?: z.ZodType<readonly InterfaceEndpointReading[] | null>;
}

/** The id that an element bears in this field. */
export function idIn(field: string): z.ZodType<string> {
  return z.object({ [field]: identifier }).transform((element) => element[field] ?? '');
}

const noEndpoints = { success: true, data: [], error: undefined } as const;
const nothingRead: ConnectionFacts = {
  cloudProvider: '',
  status: null,
  region: '',
  endpointServiceName: '',
  errorMessage: null,
};

/** `what` stands before what is wrong with it. Values are not told: they may be anything. */
export function parseOne<T extends z.ZodType>(answer: unknown, schema: T, what: string): z.output<T> {
  const { success, data, error } = schema.safeParse(answer);
  if (success) return data;
  throw invalid(`${what} is not what Atlas documents${whatOf(error)}`);
}

/** The first thing that is wrong. Values are not told: they may be anything. */
export function whatOf({ issues: [issue] }: z.ZodError): string {
  const path = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  return `${path}: ${issue?.message ?? 'unknown'}`;
}

export function invalid(detail: string): AtlasError {
  return new AtlasError({ reason: 'invalid_response', detail });
}

/** An id as one segment of a path, slashes and all. Throws an `invalid_response` for one that no path can carry. */
export function segment(id: string): string {
  if (id === '.' || id === '..' || !id.isWellFormed()) throw invalid(`${quoted(id)} is no id`);
  return encodeURIComponent(id);
}

/** Text of Atlas' in a sentence of ours. */
export function quoted(text: string): string {
  return JSON.stringify(plainLine(text.length > 100 ? `${text.slice(0, 100)}…` : text));
}
