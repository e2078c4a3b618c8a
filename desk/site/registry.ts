import type {
  AppDefinition,
  DocEvent,
  DocEventHandler,
  HasPermissionHook,
  QueryConditionHook,
} from '../app.ts'
import type { DocumentClass } from '../document/document.ts'
import { DoesNotExistError, ValidationError } from '../errors.ts'
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
  readonly #overrides: Readonly<Record<string, string>>
  readonly #docEvents = new Map<string, readonly DocEventHandler[]>()

  /** @throws where two apps bring the same DocType or method */
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
    }
    const overrides = apps.map((app) => app.definition.override_whitelisted_methods ?? {})
    this.#overrides = Object.assign({}, ...overrides) as Record<string, string>
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
