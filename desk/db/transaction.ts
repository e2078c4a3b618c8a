import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Work } from './database.ts'
import { CommitOutcomeUnknownError, ConnectionLostError, DatabaseError, isRetryable } from './errors.ts'

const attempts = 5
const firstPause = 10

/** Runs transactions of one database and refuses one inside another. */
export class Transactions {
  readonly #open = new AsyncLocalStorage<{ open: boolean }>()

  /** See `Database.transaction`. */
  async run<T>(knex: Knex, work: Work<T>): Promise<T> {
    if (this.#open.getStore()?.open) {
      throw new DatabaseError(
        'A transaction is already open here: use the handle that was passed to it (ctx.db) instead of opening another',
      )
    }
    const scope = { open: true }
    try {
      return await this.#open.run(scope, () => runWithRetry(knex, work))
    } finally {
      // What the work started and left running may open its own transaction from now on.
      scope.open = false
    }
  }
}

/** The whole work again after a deadlock or a lost connection; never once COMMIT may have arrived. */
export async function runWithRetry<T>(knex: Knex, work: Work<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(knex, work)
    } catch (error) {
      if (!isRetryable(error) || attempt === attempts) throw error
      await delay(Math.random() * firstPause * 2 ** attempt)
    }
  }
}

async function runOnce<T>(knex: Knex, work: Work<T>): Promise<T> {
  let failure: unknown
  let committing = false
  try {
    return await knex.transaction(async (tx) => {
      try {
        const result = await work(tx)
        committing = true
        return result
      } catch (error) {
        failure = error
        throw error
      }
    })
  } catch (error) {
    // Knex answers with the error of a ROLLBACK on a dead connection, which hides why it came to that.
    const cause = failure ?? error
    if (!committing || !(cause instanceof ConnectionLostError)) throw cause
    throw new CommitOutcomeUnknownError(
      'The connection to the database broke during COMMIT: look whether the change was kept before you repeat it',
      { code: cause.code, errno: cause.errno, sql: cause.sql },
    )
  }
}
