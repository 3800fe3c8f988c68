// `npm run build`, with what is installed already.
import { build } from './setup.mjs';

build();
