// `npm test`: installs what is missing, builds, runs the tests. Arguments go to vitest: npm test -- test/hub
import { build, install, run } from './setup.mjs';

install();
build();
run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]);
