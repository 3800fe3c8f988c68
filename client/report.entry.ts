import { make } from './dom.ts';
import { startCheckFilter } from './report/check-filter.ts';
import { startExplorer } from './report/explorer.ts';
import { startTheme } from './theme.ts';

let repaint = () => {};
startTheme(() => repaint());
startCheckFilter();
startExplorer().then(
  (onTheme) => {
    repaint = onTheme;
  },
  (error: unknown) => {
    const text = `The rows cannot be shown in this browser: ${String(error)}`;
    document.querySelector('#test-rows')?.append(make('p', text, 'empty'));
  },
);
