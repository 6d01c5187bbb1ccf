/** The log, as far as parts write to it: a static sentence and fields apart. */
export interface Log {
  readonly debug: LogWrite;
  readonly info: LogWrite;
  readonly warn: LogWrite;
  readonly error: LogWrite;
}

export type LogWrite = (fields: object, message: string) => void;
