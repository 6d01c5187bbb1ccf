/** pino, kept in one place. One JSON object a line on stdout; a reader that stops reading must not stop the daemon. */
import { pino } from 'pino';
import type { Log, LogWrite } from '../domain/log.ts';
import { plainLine } from '../domain/plain-line.ts';

export interface Logger extends Log {
  readonly trace: LogWrite;
  readonly fatal: LogWrite;
  /** How many lines were lost because nobody read them. */
  dropped(): number;
  /**
   * Writes out what is buffered and ends; waits no longer than a second for a reader that does not read. Resolves with
   * whether everything was written: if not, a write is still under way and keeps the process. Ends once, however often it
   * is called, and never rejects.
   */
  end(): Promise<boolean>;
}

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'json' | 'pretty';
  /** A file descriptor; stdout when left out. */
  readonly destination?: number;
}

const mostBuffered = 4 * 1024 * 1024;
const endWithinMs = 1_000;

/** Keys that may hold a secret, wherever they stand. Only a net: secrets are a class that shows itself to nothing. */
const secretKey =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|password|private_?key|client_?secret|access_?token|secret|token)$/i;

export function createLogger({ level, format, destination = 1 }: LoggerOptions): Logger {
  const stream = pino.destination({ dest: destination, sync: false, maxLength: mostBuffered });
  let dropped = 0;
  let ended: Promise<boolean> | null = null;
  stream.on('drop', () => {
    dropped++;
  });
  // A reader that went away: nothing can be told to anybody any more, and that is no reason to stop polling.
  stream.on('error', () => {});
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => withoutSecrets(fields) as Record<string, unknown>,
      },
    },
    format === 'pretty' ? { write: (line: string) => void stream.write(prettyLine(line)) } : stream,
  );
  const end = () =>
    new Promise<boolean>((resolve) => {
      const watchdog = setTimeout(() => {
        resolve(false);
        // What is left of the queue is dropped: pino would try for ever to write it when the process exits.
        stream.destroy();
      }, endWithinMs);
      // flush() will not do: it calls back while a write is still under way.
      stream.once('close', () => {
        clearTimeout(watchdog);
        resolve(true);
      });
      stream.end();
    });
  const write =
    (name: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'): LogWrite =>
    (fields, message) => {
      // What ends late still has something to say; there is nobody left to say it to.
      if (ended === null) log[name](fields, message);
    };
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    dropped: () => dropped,
    end() {
      ended ??= end();
      return ended;
    },
  };
}

/** Errors become plain data on the way: their own properties are looked through too. */
function withoutSecrets(value: unknown, depth = 0): unknown {
  if (depth > 8 || typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    const own = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(key, item, depth)]));
    return { ...own, name, message, stack, ...(cause !== undefined && { cause: withoutSecrets(cause, depth + 1) }) };
  }
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  if ('toJSON' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(key, item, depth)]));
}

function masked(key: string, value: unknown, depth: number): unknown {
  return secretKey.test(key) ? '<secret>' : withoutSecrets(value, depth + 1);
}

/** A line for people: time, level, message, and the fields as `key=value`. */
function prettyLine(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const words = [String(time).slice(11, 23), String(level).toUpperCase().padEnd(5), msg, ...rest];
  return `${plainLine(words.join(' '))}\n`;
}
