/** What the wire schemas share. Missing is null where a value may be null: some answers omit keys, others say null. */
import { z } from 'zod';
import { AtlasError } from '../error.ts';

/** Lone surrogates are no text: two of them would become one in any output. */
export const identifier = z
  .string()
  .min(1)
  .max(4096)
  .refine((id) => id.isWellFormed(), 'Invalid text');

/** Atlas' word, upper-cased; one that nobody knows yet is kept. */
export const statusWord = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .transform((word) => word.toUpperCase());

/** Some answers say `Azure` where others say `AZURE`. */
export const cloudProvider = z
  .string()
  .transform((word) => word.toUpperCase())
  .pipe(z.enum(['AWS', 'AZURE', 'GCP']));

/** Present, null or missing: the value or null. */
export function nullish<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null);
}

/** Each element for itself; throws an `invalid_response` that names the first which does not fit. */
export function parseElements<T extends z.ZodType>(answer: unknown, schema: T): z.output<T>[] {
  if (!Array.isArray(answer)) throw invalid('The answer is not a list');
  return answer.map((element, index) => parseOne(element, schema, `Element ${index}`));
}

/** `what` stands before what is wrong with it. Values are not told: they may be anything. */
export function parseOne<T extends z.ZodType>(answer: unknown, schema: T, what: string): z.output<T> {
  const { success, data, error } = schema.safeParse(answer);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw invalid(`${what} is not what Atlas documents${path}: ${issue?.message ?? 'unknown'}`);
}

export function invalid(detail: string): AtlasError {
  return new AtlasError({ reason: 'invalid_response', detail });
}

/** An id as one segment of a path, slashes and all. Throws an `invalid_response` for one that no path can carry. */
export function segment(id: string): string {
  if (id === '.' || id === '../..' || !id.isWellFormed()) throw invalid(`${quoted(id)} is no id`);
  return encodeURIComponent(id);
}

/** Text of Atlas' in a sentence of ours. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
