/** Paths that answer something else, so that metrics cannot move there. */
const taken = ['/', '/config', '/help', '/-/', '/api/', '/projects/'];

/** Checks `--web.telemetry-path`. Throws an Error whose message says to a person what is wrong. */
export function parseTelemetryPath(text: string): string {
  if (!/^(?:\/[\w.~-]+)+$/.test(text) || /\/\.\.?(?:\/|$)/.test(text)) {
    throw new Error(
      `Bad telemetry path ${JSON.stringify(text)}: write it like "/metrics", with letters, digits, "-", "_" and "."`,
    );
  }
  const owner = taken.find(
    (path) => text === path || (path.length > 1 && path.endsWith('/') && `${text}/`.startsWith(path)),
  );
  if (owner !== undefined)
    throw new Error(`Bad telemetry path ${JSON.stringify(text)}: "${owner}" is already in use here`);
  return text;
}
