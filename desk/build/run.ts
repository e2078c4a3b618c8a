import { build, type BuildFailure, type BuildOptions } from 'esbuild'
import type { Output } from './write-outputs.ts'

/** Runs esbuild, which writes nothing; its warnings go to stderr. @throws Error with the first problem, its file and line */
export async function runBuild(options: BuildOptions): Promise<Output[]> {
  try {
    const { warnings, outputFiles } = await build({ ...options, write: false, logLevel: 'silent' })
    for (const warning of warnings) console.error(`warning: ${describe(warning)}`)
    return outputFiles
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? []
    if (!first) throw error
    throw new Error(`Building ${options.absWorkingDir ?? ''} failed: ${describe(first)}`, { cause: error })
  }
}

function describe({ text, location }: BuildFailure['errors'][number]): string {
  return location ? `${location.file}:${String(location.line)}: ${text}` : text
}
