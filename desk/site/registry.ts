import type {
  AppDefinition,
  DocEvent,
  DocEventHandler,
  HasPermissionHook,
  QueryConditionHook,
} from '../app.ts'
import { Document, type DocumentClass } from '../document/document.ts'
import { DoesNotExistError, ValidationError } from '../errors.ts'
import type { Job } from '../jobs/job.ts'
import type { Method } from '../method.ts'
import type { Meta } from '../meta/meta.ts'
import type { LoadedApp } from './apps.ts'

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** Everything that the site's apps bring, merged in the order of installation. */
export class Registry {
  readonly apps: readonly LoadedApp[]
  readonly #metas = new Map<string, Meta>()
  readonly #controllers = new Map<string, DocumentClass>()
  readonly #methods = new Map<string, Method>()
  readonly #jobs = new Map<string, Job>()
  readonly #overrides: Readonly<Record<string, string>>
  readonly #docEvents = new Map<string, readonly DocEventHandler[]>()

  /** @throws where two apps bring the same DocType, method or job, or schedule a job that none exports */
  constructor(apps: readonly LoadedApp[]) {
    this.apps = apps
    for (const app of apps) {
      for (const { meta, controller } of app.doctypes) {
        const other = this.#metas.get(meta.name)
        if (other) {
          throw new Error(
            `DocType ${meta.name} comes from both ${other.app} and ${meta.app}. Rename or remove one of them.`,
          )
        }
        this.#metas.set(meta.name, meta)
        if (controller) this.#controllers.set(meta.name, controller)
      }
      for (const method of app.methods) {
        for (const name of [method.name, ...method.aliases]) {
          if (this.#methods.has(name))
            throw new Error(`The method ${name} is defined twice (app ${app.definition.name}).`)
          this.#methods.set(name, method)
        }
      }
      for (const job of app.jobs) {
        if (this.#jobs.has(job.name))
          throw new Error(`The job ${job.name} is defined twice (app ${app.definition.name}).`)
        this.#jobs.set(job.name, job)
      }
    }
    for (const { definition } of apps) this.#replaceControllers(definition)
    for (const { definition } of apps) this.#extendControllers(definition)
    for (const { definition } of apps) this.#checkSchedule(definition)
    const overrides = apps.map((app) => app.definition.override_whitelisted_methods ?? {})
    this.#overrides = Object.assign({}, ...overrides) as Record<string, string>
  }

  #replaceControllers({ name, override_doctype_class = {} }: AppDefinition): void {
    for (const [doctype, controller] of Object.entries(override_doctype_class)) {
      this.#checkDocType(`override_doctype_class of ${name}`, doctype)
      this.#controllers.set(doctype, controller)
    }
  }

  #extendControllers({ name, extend_doctype_class = {} }: AppDefinition): void {
    for (const [doctype, extensions] of Object.entries(extend_doctype_class)) {
      this.#checkDocType(`extend_doctype_class of ${name}`, doctype)
      const base = this.#controllers.get(doctype) ?? Document
      this.#controllers.set(
        doctype,
        list(extensions).reduce((so, extend) => extend(so), base),
      )
    }
  }

  #checkDocType(hook: string, doctype: string): void {
    if (!this.#metas.has(doctype)) throw new Error(`${hook}: there is no DocType ${doctype}.`)
  }

  #checkSchedule({ name, scheduler_events: { cron = {}, ...events } = {} }: AppDefinition): void {
    for (const job of [...Object.values(events), ...Object.values(cron)].flat()) {
      if (!this.#jobs.has(job.name))
        throw new Error(
          `scheduler_events of ${name}: the job ${job.name} is not exported by a file in jobs/ of an installed app.`,
        )
    }
  }

  /** What each app says for one key of its manifest, where it says anything. */
  hooks<T>(pick: (definition: AppDefinition) => T | T[] | undefined): T[] {
    return this.apps.flatMap((app) => list(pick(app.definition)))
  }

  metas(): Iterable<Meta> {
    return this.#metas.values()
  }

  findMeta(doctype: string): Meta | undefined {
    return this.#metas.get(doctype)
  }

  /** @throws DoesNotExistError */
  meta(doctype: string): Meta {
    const meta = this.#metas.get(doctype)
    if (!meta) throw new DoesNotExistError(`DocType ${doctype.slice(0, 140)} not found.`)
    return meta
  }

  controller(doctype: string): DocumentClass | undefined {
    return this.#controllers.get(doctype)
  }

  methods(): Iterable<Method> {
    return new Set(this.#methods.values())
  }

  /**
   * @param args decide where one name stands for several methods
   * @throws ValidationError for an unknown name, as Frappe does
   */
  method(name: string, args: Record<string, unknown> = {}): Method {
    const method = this.#methods.get(this.#overrides[name] ?? name)
    if (!method)
      throw new ValidationError(
        `There is no method ${name.slice(0, 200)}. Check its name, and that its app is installed.`,
      )
    return method.variant?.(args, this) ?? method
  }

  findJob(name: string): Job | undefined {
    return this.#jobs.get(name)
  }

  /** @throws ValidationError for an unknown name */
  job(name: string): Job {
    const job = this.#jobs.get(name)
    if (!job)
      throw new ValidationError(
        `There is no job ${name.slice(0, 200)}. Export it from a file in jobs/, and check that its app is installed.`,
      )
    return job
  }

  docEvents(doctype: string, event: DocEvent): readonly DocEventHandler[] {
    const key = `${doctype}\n${event}`
    let handlers = this.#docEvents.get(key)
    if (!handlers) {
      handlers = [doctype, '*'].flatMap((target) => this.hooks((app) => app.doc_events?.[target]?.[event]))
      this.#docEvents.set(key, handlers)
    }
    return handlers
  }

  hasPermissionHooks(doctype: string): readonly HasPermissionHook[] {
    return this.hooks((app) => app.has_permission?.[doctype])
  }

  queryConditionHooks(doctype: string): readonly QueryConditionHook[] {
    return this.hooks((app) => app.permission_query_conditions?.[doctype])
  }
}
