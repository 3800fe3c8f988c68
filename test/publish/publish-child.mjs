// Publishes with the built library, in a process of its own that a test can kill: arguments as one JSON.
import { publish } from '../../dist/publish/index.js';

const { dir, ...options } = JSON.parse(process.argv[2] ?? '{}');
await publish(dir, options);
