/** The encoding of answers: only what was asked for is ever decoded. */
import type { Dispatcher } from 'undici';
import { AtlasError } from '../error.ts';
import { printable } from './body.ts';

/** What every request asks for. Not br, zstd or deflate: decoders have had remote flaws, and one is enough. */
export const acceptedEncoding = 'gzip';
const readable = new Set(['', 'identity', 'gzip', 'x-gzip']);

/**
 * Keeps fetch from decoding what was not asked for: it would decode whatever the answer names. `found` hears of such an
 * encoding, and the body comes as it is on the wire.
 */
export function checkEncoding(found: (encoding: string) => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (...args) => handler.onRequestStart?.(...args),
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart(controller, status, headers, text) {
        const encoding = String(headers['content-encoding'] ?? '').trim();
        const raw = controller.rawHeaders;
        if (!readable.has(encoding.toLowerCase()) && Array.isArray(raw)) {
          found(encoding);
          for (let at = raw.length - 2; at >= 0; at -= 2) {
            if (String(raw[at]).toLowerCase() === 'content-encoding') raw.splice(at, 2);
          }
        }
        handler.onResponseStart?.(controller, status, headers, text);
      },
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}

export function unasked(encoding: string): AtlasError {
  const name = printable(encoding) ?? '';
  return new AtlasError({
    reason: 'invalid_response',
    detail: `The answer comes in the encoding '${name}', and only ${acceptedEncoding} was asked for`,
    remedy: 'Check the proxy between this machine and Atlas: it encodes answers in a way that nobody asked for',
  });
}
