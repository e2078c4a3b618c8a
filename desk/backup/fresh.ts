/** A backup's database, loaded beside the site's own, which is still as it was. */
export interface FreshDatabase {
  /** Versions of the apps that it was made with, by name. */
  apps(): Promise<Map<string, string>>
  /** Whether it holds values that only its own encryption key opens. */
  hasSecrets(): Promise<boolean>
  /** Puts it in the place of the site's own, at one stroke. */
  switchIn(): Promise<void>
  /** Lets go of it; what is left of it is cleared away by `settleRestore`. */
  close(): Promise<void>
}
