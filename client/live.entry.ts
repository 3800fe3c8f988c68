import { startReload } from './reload.ts';

startReload();
