/** What came as a body: bounded bytes, JSON, and Atlas' way to say what went wrong. */
import { AtlasError } from '../error.ts';
import { parseInSlices } from './json-parse.ts';
import { createJsonScan, type LongList } from './json-scan.ts';

/** The largest answer that is read, decoded. A list of 1,000 connections has 400 KB; the rest is room for long messages. */
const largestAnswer = 8 * 1024 * 1024;
/** How much is read of an answer that is no success: Atlas' own errors have some hundred bytes. To parse so few takes no time. */
const largestError = 64 * 1024;

export interface Body {
  /** Decoded, and of a bounded size. */
  readonly body: Uint8Array;
  /** What of it is parsed in slices, if anything. */
  readonly longList?: LongList | null;
}

/**
 * The decoded body. More than `most` bytes are an `invalid_response`, however few they were on the wire, and so is JSON
 * that is too deep or has too many values. Of what is no success the beginning is enough.
 */
export async function readBody(
  stream: AsyncIterable<Uint8Array> | null,
  { status, most = largestAnswer }: { readonly status: number; readonly most?: number },
): Promise<Body> {
  const isSuccess = status === 200;
  const scan = createJsonScan();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.length;
    chunks.push(chunk);
    if (!isSuccess && length >= largestError) break;
    if (!isSuccess) continue;
    if (length > most) {
      throw new AtlasError({ reason: 'invalid_response', detail: `The answer is larger than ${most} bytes` });
    }
    scan.take(chunk);
  }
  if (!isSuccess) return { body: Buffer.concat(chunks).subarray(0, largestError) };
  return { body: Buffer.concat(chunks), longList: scan.longList() };
}

/**
 * Throws an `invalid_response` for a body that is not JSON in UTF-8; its detail ends with what `sender` says of the answer.
 * A byte order mark is no part of the body.
 */
export async function parseJson({ body, longList }: Body, sender: () => string): Promise<unknown> {
  try {
    if (longList) return await parseInSlices(body, longList);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    const detail = `The answer is ${body.length === 0 ? 'empty' : 'not JSON'}: ${sender()}`;
    throw new AtlasError({ reason: 'invalid_response', detail }, { cause });
  }
}

export interface ApiError {
  readonly errorCode: string | null;
  readonly parameters: readonly unknown[];
}

/** What Atlas' error bodies hold; a proxy's HTML holds nothing. Never throws. */
export function parseApiError(body: Uint8Array): ApiError {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof parsed !== 'object' || parsed === null) return nothing;
    const code = 'errorCode' in parsed ? parsed.errorCode : null;
    const parameters = 'parameters' in parsed && Array.isArray(parsed.parameters) ? parsed.parameters : [];
    return { errorCode: typeof code === 'string' && /^\w{1,100}$/.test(code) ? code : null, parameters };
  } catch {
    return nothing;
  }
}

const nothing: ApiError = { errorCode: null, parameters: [] };

/** An error in the form of OAuth 2.0 (RFC 6749, 5.2), or null. Never throws. */
export function parseOauthError(body: Uint8Array): { readonly error: string; readonly description: string } | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return null;
    const { error } = parsed;
    const description = 'error_description' in parsed ? String(parsed.error_description) : '';
    return { error: typeof error === 'string' && /^\w{1,100}$/.test(error) ? error : 'error', description };
  } catch {
    return null;
  }
}

/** What an answer says of itself: `text/html from nginx`. */
export function senderOf(headers: { get(name: string): string | null }): string {
  const type = printable(headers.get('content-type')) ?? 'no content type';
  const server = printable(headers.get('server'));
  return server === null ? type : `${type} from ${server}`;
}

/** A header for a sentence: printable ASCII, cut; null for none. */
export function printable(header: string | null): string | null {
  const text = (header ?? '')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 100)
    .trim();
  return text === '' ? null : text;
}
