import { buildPackage } from './packageBuild.ts';

const { ok, output } = await buildPackage();
process.stdout.write(output);
process.exitCode = ok ? 0 : 1;
