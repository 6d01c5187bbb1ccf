import { createGzip } from 'node:zlib';

/** One gzip member with all pieces in it, in the order given. Level 1: a scrape is read once, on a near machine. */
export async function gzip(pieces: readonly Buffer[]): Promise<readonly Buffer[]> {
  const compressed: Buffer[] = [];
  const stream = createGzip({ level: 1 });
  const done = new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => compressed.push(chunk));
    stream.on('end', resolve);
    stream.on('error', reject);
  });
  for (const piece of pieces) {
    if (!stream.write(piece)) await new Promise<void>((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await done;
  return compressed;
}
