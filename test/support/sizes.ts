/**
 * How much of what is random is tried. `npm test` tries a little of it each time, `npm run faults` and so CI what the promises
 * name, `npm run soak` ten times as much; the code is the same.
 */
const size = (name: string, small: number) => Number(process.env[name] ?? small);

/** Cases of each sort of fuzz. */
export const fuzzCases = size('FUZZ_CASES', 1_000);
/** Random histories. */
export const histories = size('HISTORIES', 300);
/** How often the whole process is killed. */
export const kills = size('KILLS', 25);
/** How long a compressed day lasts, in seconds. */
export const daySeconds = size('DAY_SECONDS', 45);
/** How long all attacks last together, in seconds. */
export const attackSeconds = size('ATTACK_SECONDS', 12);
