import type { Command } from 'commander';
import { formatRuleList, formatRules } from '../../report/rules.ts';
import { describeRules } from '../../verify/catalogue.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addRules(program: Command): void {
  program
    .command('rules')
    .description('list what verify checks, or explain some of it')
    .argument('[names...]', 'rules or groups to explain')
    .action((names: string[], _: unknown, command: Command) => {
      const { finish, paint } = createContext('rules', command.optsWithGlobals<GlobalFlags>());
      const rules = describeRules(names.length === 0 ? undefined : names);
      finish(names.length === 0 ? formatRuleList(rules, paint) : formatRules(rules, paint), { rules });
    });
}
