import { existsSync, readdirSync } from 'node:fs'

/** A DocType's controller is loaded by its name; what else lies beside it must be used by somebody. */
const controllers = (folder, base = folder) =>
  readdirSync(base)
    .map((name) => `${name}/${name}.ts`)
    .filter((file) => existsSync(`${base}/${file}`))
    .map((file) => `${folder}/${file}`)

export default {
  workspaces: {
    '.': {
      entry: [
        ...controllers('doctypes'),
        'api/*.ts',
        'public/*.ts',
        'scripts/*.mjs',
        'test/**/*.{test,long}.ts',
        'test/benchmarks/*.bench.ts',
        'test/support/*-process.ts',
      ],
      project: ['**/*.{ts,mjs}'],
    },
    desk: {
      entry: [
        'hooks.ts',
        'bench/bench.ts',
        'build/desk.ts',
        ...controllers('doctypes', 'desk/doctypes'),
        'api/*.ts',
        'web/client/{api-docs,desk,login,password,theme}.ts',
      ],
      project: ['**/*.ts'],
      ignoreDependencies: ['@fontsource-variable/inter', 'light-my-request'],
    },
    'examples/sales_desk': {
      entry: ['hooks.ts', 'doctypes/*/*.ts'],
      project: ['**/*.ts'],
    },
  },
  // Generated for whoever wants them.
  ignore: ['**/*.types.ts'],
  ignoreExportsUsedInFile: true,
  ignoreBinaries: ['mariadb-install-db', 'openssl', 'script'],
}
