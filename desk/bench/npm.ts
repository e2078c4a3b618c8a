import { spawn } from 'node:child_process'

/** Runs npm. @throws with its last words */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const child = spawn('npm', [...args, '--no-audit', '--no-fund'], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new Error(`npm ${args.join(' ')} failed: ${words.trim().split('\n').slice(0, 3).join(' ')}`)
}
