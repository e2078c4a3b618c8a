import { existsSync } from 'node:fs'
import path from 'node:path'
import { Bench } from '../site/bench-folder.ts'

const MARK = path.join('sites', 'common_site_config.json')

/** The bench to work in: BENCH_PATH, else the folder one is in, else the `.bench` of a clone. */
export function findBench(from = process.cwd()): Bench {
  if (process.env.BENCH_PATH) return Bench.open(process.env.BENCH_PATH)
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, MARK))) return new Bench(folder)
    if (existsSync(path.join(folder, '.bench', MARK))) return new Bench(path.join(folder, '.bench'))
    if (folder === path.dirname(folder)) break
  }
  throw new Error('There is no bench here. Go into one, or make one with "bench init DIR".')
}
