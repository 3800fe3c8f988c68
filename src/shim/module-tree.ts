import { HubwrightError } from '../errors.ts';
import { isPythonName, quotePython } from '../formats/source-text.ts';

/** One submodule of the shim: where the state dict has it, and the Python expression that makes it. */
export interface Placement {
  /** Dotted attribute path from the model, such as `backbone.model` or `head.0`. */
  readonly path: string;
  readonly expression: string;
}

/** What torch lets a module be called, cut down to what is harmless in source text. Numbers are Sequential's. */
const MODULE_NAME = /^[A-Za-z0-9_-]{1,100}$/;

/** Names that PreTrainedModel and the shim itself use for something else than a submodule. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    'apply buffers children compile config config_class device dtype dummy_inputs eval forward framework ' +
    'generation_config get_submodule kernel_config loss_function loss_type main_input_name modules name_or_path ' +
    'parameters post_init predict state_dict train training type'
  ).split(' '),
);

/**
 * Python statements for `__init__` that put each module where its tensors' names say it is, with empty containers on
 * the way: `self.backbone = nn.Module()`, then `self.backbone.model = …`.
 *
 * @throws HubwrightError UNSUPPORTED for names that no attribute of the model can have.
 */
export function listPlacements(placements: readonly Placement[]): string[] {
  const statements: string[] = [];
  const made = new Set<string>();
  for (const { path, expression } of placements) {
    const parts = splitModulePath(path);
    for (const depth of parts.keys()) {
      const here = parts.slice(0, depth + 1);
      const isLast = depth === parts.length - 1;
      const key = here.join('.');
      if (made.has(key)) {
        if (!isLast) continue;
        throw new HubwrightError('UNSUPPORTED', `${key} holds both a layer and the module that contains it`);
      }
      made.add(key);
      statements.push(assignModule(here, isLast ? expression : 'nn.Module()'));
    }
  }
  return statements;
}

/** The Python expression that reads a submodule: `self.backbone.model`, `self.head.get_submodule("0")`. */
export function accessModule(path: string): string {
  return splitModulePath(path).reduce(
    (owner, part) =>
      isPythonName(part) ? `${owner}.${part}` : `${owner}.get_submodule(${quotePython(part)})`,
    'self',
  );
}

/** The parts of a dotted path, each fit to be a module's name. @throws HubwrightError UNSUPPORTED */
export function splitModulePath(path: string): string[] {
  const parts = path.split('.');
  const odd =
    parts.find((part) => !MODULE_NAME.test(part)) ?? (TAKEN.has(parts[0] ?? '') ? parts[0] : undefined);
  if (odd === undefined) return parts;
  throw new HubwrightError(
    'UNSUPPORTED',
    `the checkpoint names a module ${JSON.stringify(path)}; a transformers model cannot have one called ${JSON.stringify(odd)}`,
    { hint: 'rename the attribute in the training code and its tensors in the checkpoint' },
  );
}

function assignModule(parts: readonly string[], expression: string): string {
  const name = parts.at(-1) ?? '';
  const owner = parts.length === 1 ? 'self' : accessModule(parts.slice(0, -1).join('.'));
  return isPythonName(name)
    ? `${owner}.${name} = ${expression}`
    : `${owner}.add_module(${quotePython(name)}, ${expression})`;
}
