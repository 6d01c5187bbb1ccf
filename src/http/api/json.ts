/** JSON that is written while it is sent: a list of thousands of elements is never one text, and never holds the event loop. */
import { yieldTurns } from '../../domain/yield-turn.ts';

/** The fields of an object, in their order. A function is called when its field is written; a generator makes a list. */
export type JsonFields = Readonly<Record<string, Json | (() => Json | Generator<object>)>>;
type Json = string | number | boolean | null | object;

/** The object as a whole, its functions called in the order of the fields. */
export function toObject(fields: JsonFields): object {
  const whole = Object.entries(fields).map(([name, value]) => {
    const known = typeof value === 'function' ? value() : value;
    return [name, isGenerator(known) ? [...known] : known] as const;
  });
  return Object.fromEntries(whole);
}

/** The text of the object, as JSON.stringify writes it, piece by piece. */
export function* jsonText(fields: JsonFields): Generator<string> {
  let before = '{';
  for (const [name, value] of Object.entries(fields)) {
    yield `${before}${JSON.stringify(name)}:`;
    before = ',';
    const known = typeof value === 'function' ? value() : value;
    if (isGenerator(known)) yield* listText(known);
    else yield JSON.stringify(known);
  }
  yield before === '{' ? '{}' : '}';
}

function isGenerator(value: Json | Generator<object>): value is Generator<object> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}

/** The text of a list, element by element. */
export function* listText(elements: Generator<object>): Generator<string> {
  let before = '[';
  for (const element of elements) {
    yield before + JSON.stringify(element);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

const chunkLength = 64 * 1024;

/**
 * The bytes of a text, made as fast as they are read. `failed` is told when making them throws: the answer is cut then.
 * Between two chunks the event loop has its turn.
 */
export function textStream(texts: Iterator<string>, failed: (err: unknown) => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        let chunk = '';
        let done = false;
        while (!done && chunk.length < chunkLength) {
          const next = texts.next();
          done = next.done === true;
          if (!next.done) chunk += next.value;
        }
        if (chunk !== '') controller.enqueue(encoder.encode(chunk));
        if (done) controller.close();
        else await yieldTurns();
      } catch (err) {
        failed(err);
        controller.error(err);
      }
    },
  });
}
