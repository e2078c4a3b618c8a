import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks a person on stderr for a secret, which is not shown; where nobody is there, reads a line of the input. @throws where the input ends without an answer */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
  if (process.stdin.isTTY) process.stderr.write(question)
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  try {
    for await (const line of lines) if (line.trim() !== '') return line.trim()
    throw new Error('No password was given. Type one when asked, or pass --admin-password.')
  } finally {
    lines.close()
    if (process.stdin.isTTY) process.stderr.write('\n')
  }
}
