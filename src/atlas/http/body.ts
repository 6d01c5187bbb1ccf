/** What came as a body: bounded bytes, JSON, and Atlas' way to say what went wrong. */
import { AtlasError } from '../error.ts';

/** A project with 30,000 connections answers with 8 MB. */
const largestBody = 16 * 1024 * 1024;
const largestError = 64 * 1024;

/** The decoded body; more than the largest is an `invalid_response`, however small it was on the wire. */
export async function readBody(stream: AsyncIterable<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.length;
    if (length > largestBody) {
      throw new AtlasError({ reason: 'invalid_response', detail: `The answer is larger than ${largestBody} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Throws an `invalid_response` for a body that is not JSON in UTF-8; its detail ends with what `sender` says of the answer.
 * A byte order mark is no part of the body.
 */
export function parseJson(body: Uint8Array, sender: () => string): unknown {
  try {
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
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body.subarray(0, largestError)));
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
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body.subarray(0, largestError)));
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

/** A header for a sentence: printable ASCII, cut. */
function printable(header: string | null): string | null {
  const text = (header ?? '')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 100)
    .trim();
  return text === '' ? null : text;
}
