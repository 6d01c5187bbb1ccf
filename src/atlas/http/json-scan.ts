/** The size of a JSON text in levels and values, and where it can be cut: measured on its bytes before anything is parsed. */
import { AtlasError } from '../error.ts';

/** Atlas' deepest documented answer, a cluster, has 9 levels. JSON.parse of a megabyte of `[` takes seconds and gigabytes. */
const mostLevels = 64;
/** 500 clusters, a page of them, have about as many. Each takes memory, whatever it is. */
const mostValues = 300_000;
/** A cluster of 50 shards in 5 regions has 25,000. Twice as many, each under another key, are parsed in 50 ms. */
const mostInElement = 50_000;

/** How much of a list is parsed at once: some ms of work. */
export interface Slice {
  readonly values: number;
  readonly bytes: number;
}

const usualSlice: Slice = { values: 5_000, bytes: 512 * 1024 };

/** A list that is better parsed in slices: the text itself, or a field of the object that the text is. Offsets in bytes. */
export interface LongList {
  /** Offset of its first bracket. */
  readonly from: number;
  /** Offset of its last bracket; null where the text ends without it. */
  readonly to: number | null;
  /** Offsets of commas between two of its elements, at least one, in order. */
  readonly cuts: readonly number[];
}

export interface JsonScan {
  /** Looks at the next bytes. Throws an `invalid_response` as soon as a limit is passed. */
  take(bytes: Uint8Array): void;
  /** null for a text that is parsed at once. */
  longList(): LongList | null;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openList = 0x5b;
const openObject = 0x7b;

/** Creates the scan of one text. What is no JSON is for the parser to refuse: its size is bounded likewise. */
export function createJsonScan(slice: Slice = usualSlice): JsonScan {
  let taken = 0;
  let levels = 0;
  let inString = false;
  let escaped = false;
  const size = createSize();
  const cutter = createCutter(slice, size);
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
        else if (byte === comma) {
          size.add();
          if (levels <= 2) cutter.comma(levels, taken + at - 1);
        } else if (byte === openList || byte === openObject) {
          levels += 1;
          size.add();
          if (levels > mostLevels) throw tooMuch(`is nested deeper than ${mostLevels} levels`);
          if (levels <= 2) cutter.opened(levels, byte === openList, taken + at - 1);
        } else if (byte === 0x5d || byte === 0x7d) {
          if (levels <= 2) cutter.closed(levels, taken + at - 1);
          levels -= 1;
        }
      }
      taken += bytes.length;
    },
    longList: cutter.longList,
  };
}

interface Size {
  /** Throws an `invalid_response` for one value too many. */
  add(): void;
  values(): number;
  /** What comes counts as an element with `values` before it. */
  element(values: number): void;
  /** Values of this element so far. */
  inElement(): number;
}

function createSize(): Size {
  let values = 1;
  let before = 0;
  return {
    add() {
      values += 1;
      if (values > mostValues) throw tooMuch(`holds more than ${mostValues} values`);
      if (values - before > mostInElement) throw tooMuch(`holds an element of more than ${mostInElement} values`);
    },
    values: () => values,
    element(size) {
      before = values - size;
    },
    inElement: () => values - before,
  };
}

/** Finds the cuts: of the list that the text is, or of the first long list among the fields of its object. */
function createCutter({ values: mostOfSlice, bytes: mostBytes }: Slice, size: Size) {
  const cuts: number[] = [];
  let levelOfList = 1;
  /** The first bracket of the list that is looked at; null outside of one. A list that was cut stays the only one. */
  let from: number | null = null;
  let to: number | null = null;
  let aside = 0;
  let cutAt = 0;
  let valuesAtCut = 0;
  return {
    opened(level: number, isList: boolean, at: number) {
      if (level === 1) levelOfList = isList ? 1 : 2;
      if (!isList || level !== levelOfList || cuts.length > 0) return;
      [from, cutAt, valuesAtCut, aside] = [at, at, size.values(), size.inElement()];
    },
    comma(level: number, at: number) {
      if (from === null || to !== null || level !== levelOfList) return;
      if (size.values() - valuesAtCut >= mostOfSlice || at - cutAt >= mostBytes) {
        cuts.push(at);
        [cutAt, valuesAtCut] = [at, size.values()];
      }
      if (cuts.length > 0) size.element(0);
    },
    closed(level: number, at: number) {
      if (from === null || to !== null || level !== levelOfList) return;
      if (cuts.length === 0) from = null;
      else {
        to = at;
        size.element(aside);
      }
    },
    longList: (): LongList | null => (from === null || cuts.length === 0 ? null : { from, to, cuts }),
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
