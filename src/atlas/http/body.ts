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

/** Throws an `invalid_response` for whatever is not JSON in UTF-8. A byte order mark is no part of it. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    const detail = body.length === 0 ? 'The answer is empty' : 'The answer is not JSON';
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
