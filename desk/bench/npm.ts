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
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed: ${lastWords(words)}`)
}

/** What went wrong, without warnings, codes and where the log lies. */
function lastWords(text: string): string {
  const errors = text
    .split('\n')
    .map((line) => /^npm (?:ERR!|error) (.*)$/.exec(line.trim())?.[1]?.trim() ?? '')
    .filter((line) => line !== '' && !/^(code|syscall|path|errno|A complete log|[A-Z]:|\/)/.test(line))
  return errors.slice(0, 2).join(' ') || text.trim().split('\n').slice(-2).join(' ')
}
