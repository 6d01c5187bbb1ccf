/** Says which tests passed only at the second try, where nobody would see it: `.ci/run` ends with these lines. */
import { afterEach } from 'vitest';

afterEach(({ task }) => {
  if ((task.result?.retryCount ?? 0) > 0) console.log(`Tried twice: ${task.file.name}: ${task.name}`);
});
