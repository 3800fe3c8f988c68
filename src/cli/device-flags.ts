import { type Command, Option } from 'commander';
import { DEVICES, type Device, type DeviceChoice } from '../inference/device.ts';

/** Flags of the commands that run the model on a device of choice. */
export interface DeviceFlags {
  readonly device?: Device;
  readonly requireGpu?: boolean;
  readonly tf32?: boolean;
  readonly mappedWeights?: boolean;
}

/** Adds the flags of `DeviceFlags` to a command. */
export function addDeviceFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--device <name>', 'where to compute; what computes otherwise than the CPU is not used')
        .choices(DEVICES)
        .default('cpu'),
    )
    .option('--require-gpu', 'fail when no GPU can be used, instead of computing on the CPU')
    .option('--tf32', 'let CUDA multiply in TF32: faster, and off by up to 0.001')
    .option('--mapped-weights', 'leave weights in their file (default: when memory is short)')
    .option('--no-mapped-weights', 'copy weights into memory, however short it is');
}

/**
 * What the flags say. TF32 is decided here, in the environment of the process: ONNX Runtime's binding for Node has no
 * option for it, and NVIDIA's libraries read the variable when they are loaded.
 */
export function readDeviceFlags(
  { device, requireGpu, tf32 = false, mappedWeights }: DeviceFlags,
  env: NodeJS.ProcessEnv = process.env,
): DeviceChoice {
  if (tf32) delete env.NVIDIA_TF32_OVERRIDE;
  else env.NVIDIA_TF32_OVERRIDE = '0';
  return { device, requireGpu, tf32, mappedWeights };
}
