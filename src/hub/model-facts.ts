import { isRecord, readCardData } from '../formats/card-yaml.ts';
import { LIMITS } from './limits.ts';
import { readFileFacts } from './storage/file-facts.ts';
import type { Repository } from './storage/repository.ts';

/** What the Hub shows of a model besides its files: from the card, from config.json, and from file names. */
export interface ModelFacts {
  readonly cardData: Readonly<Record<string, unknown>> | undefined;
  readonly config: Readonly<Record<string, unknown>> | undefined;
  readonly tags: readonly string[];
  readonly pipelineTag: string | undefined;
  readonly libraryName: string | undefined;
}

/** `files` is path → blob id. A card or config that cannot be read counts as absent: reading is no check. */
export async function readModelFacts(
  repository: Repository,
  files: ReadonlyMap<string, string>,
): Promise<ModelFacts> {
  const cardData = readCardData((await readSmall(repository, files.get('README.md'))) ?? '');
  const config = parseRecord(await readSmall(repository, files.get('config.json')));
  const pipelineTag = text(cardData?.pipeline_tag);
  const libraryName = text(cardData?.library_name);
  const tags = [
    libraryName,
    ...fileTags([...files.keys()]),
    text(config?.model_type),
    ...texts(cardData?.tags),
    pipelineTag,
    isRecord(config?.auto_map) ? 'custom_code' : undefined,
    ...texts(cardData?.language),
    ...texts(cardData?.datasets).map((id) => `dataset:${id}`),
    ...texts(cardData?.base_model).map((id) => `base_model:${id}`),
    ...texts(cardData?.license).map((id) => `license:${id}`),
    'region:us',
  ].filter((tag) => tag !== undefined);
  return { cardData, config: describeConfig(config), tags: [...new Set(tags)], pipelineTag, libraryName };
}

async function readSmall(repository: Repository, blob: string | undefined): Promise<string | undefined> {
  if (blob === undefined) return undefined;
  const { size, lfs } = await readFileFacts(repository, blob);
  if (lfs !== undefined || size > LIMITS.describedFile) return undefined;
  return (await repository.objects.readBlob(blob)).toString('utf8');
}

function parseRecord(json: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function describeConfig(config: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (config === undefined) return undefined;
  const shown = ['architectures', 'auto_map', 'model_type'].filter((key) => config[key] !== undefined);
  return Object.fromEntries(shown.map((key) => [key, config[key]]));
}

function fileTags(paths: readonly string[]): string[] {
  const has = (ending: string) => paths.some((path) => path.endsWith(ending));
  return [
    ...(has('pytorch_model.bin') ? ['pytorch'] : []),
    ...(has('.onnx') ? ['onnx'] : []),
    ...(has('.safetensors') ? ['safetensors'] : []),
  ];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
