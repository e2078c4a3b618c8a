#!/usr/bin/env node
import { existsSync } from 'node:fs'

const built = new URL('../dist/bench/bench.js', import.meta.url)
if (existsSync(built)) {
  await import(built.href)
} else {
  console.error('bench is not built yet. Run "npm run build" in the clone first.')
  process.exitCode = 1
}
