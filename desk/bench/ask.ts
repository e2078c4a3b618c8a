import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks a person on stderr for a secret, which is not shown; where nobody is there, reads a line of the input. @throws where the input ends without an answer */
export async function askSecret(question: string, option = '--admin-password'): Promise<string> {
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  // Only now the terminal no longer shows what is typed.
  if (process.stdin.isTTY) process.stderr.write(question)
  try {
    for await (const line of lines) if (line.trim() !== '') return line.trim()
    throw new Error(`No password was given. Type one when asked, or pass ${option}.`)
  } finally {
    lines.close()
    if (process.stdin.isTTY) process.stderr.write('\n')
  }
}

/** Asks a person whether to go on. Where nobody is there to ask, a script must have said so. */
export async function confirm(question: string, flag = '--yes'): Promise<void> {
  if (!process.stdin.isTTY) throw new Error(`${question} Say so with ${flag}.`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await new Promise<string>((resolve) => {
      const giveUp = (): void => {
        process.stderr.write('\n')
        resolve('')
      }
      lines.once('close', giveUp)
      lines.question(`${question} Go on? [y/N] `, (typed) => {
        lines.off('close', giveUp)
        resolve(typed)
      })
    })
    if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was done.')
  } finally {
    lines.close()
  }
}
