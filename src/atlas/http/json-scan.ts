/** The size of a JSON text in levels and values, measured on its bytes before anything is parsed. */
import { AtlasError } from '../error.ts';

/** Atlas' deepest documented answer, a cluster, has 9 levels. JSON.parse of a megabyte of `[` takes seconds and gigabytes. */
const mostLevels = 64;
/** A project with 10,000 connections answers with 100,000 values. To parse this many takes 10 ms, and 200 ms with as many keys. */
const mostValues = 300_000;

export interface JsonScan {
  /** Looks at the next bytes. Throws an `invalid_response` as soon as a limit is passed. */
  take(bytes: Uint8Array): void;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

/** Creates the scan of one text. What is no JSON is for the parser to refuse: its size is bounded likewise. */
export function createJsonScan(): JsonScan {
  let levels = 0;
  let values = 1;
  let inString = false;
  let escaped = false;
  return {
    take(bytes) {
      let at = 0;
      while (at < bytes.length) {
        const byte = bytes[at++];
        if (escaped) escaped = false;
        else if (inString) {
          if (byte === quote) inString = false;
          else if (byte === backslash) escaped = true;
          else at = nextMark(bytes, at);
        } else if (byte === quote) inString = true;
        else if (byte === comma) values += 1;
        else if (byte === 0x5b || byte === 0x7b) {
          levels += 1;
          values += 1;
          if (levels > mostLevels) throw tooMuch(`is nested deeper than ${mostLevels} levels`);
        } else if (byte === 0x5d || byte === 0x7d) levels -= 1;
      }
      if (values > mostValues) throw tooMuch(`holds more than ${mostValues} values`);
    },
  };
}

/** Where the text of a string has its next quote or backslash, or the end. */
function nextMark(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== backslash) at += 1;
  return at;
}

function tooMuch(what: string): AtlasError {
  return new AtlasError({ reason: 'invalid_response', detail: `The answer ${what}` });
}
