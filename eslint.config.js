import lit from 'eslint-plugin-lit'
import litA11y from 'eslint-plugin-lit-a11y'
import wc from 'eslint-plugin-wc'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** One way only: hooks → api → doctypes → realtime catalogue → desk; and the wall between desk and the apps. */
const only = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })
const deskInside = {
  regex: '^(\\.{1,2}/)+desk(/|$)|^@f-chat/desk/(?!client$|package\\.json$)',
  message: 'An app uses desk through its two entries only: @f-chat/desk and @f-chat/desk/client.',
}
const up = (folders, message) => ({ regex: `^(\\.\\./)+(${folders})(/|$)`, message })
/** For files so many folders below desk/: nothing outside it, by path or by name. */
const insideDesk = (depth) => [
  { regex: '^(f-chat|sales-desk)(/|$)', message: 'desk knows no app.' },
  { regex: `^(\\.\\./){${depth + 1},}`, message: 'desk knows no app.' },
]
const notIndex = {
  regex: '^(\\.\\./)+index\\.ts$',
  message: 'Inside desk, import the module itself; index.ts is for apps.',
}
const noNode = { regex: '^node:', message: 'Browser code.' }
const serverSide = {
  regex: '^@f-chat/desk$|^node:',
  message: 'Browser code uses @f-chat/desk/client; of the server it may import types only.',
  allowTypeImports: true,
}

export default defineConfig(
  {
    ignores: ['**/dist/', '**/node_modules/', '.bench/', '.tap/', '.artifacts/', '**/*.types.ts'],
  },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      eqeqeq: 'error',
      'no-console': 'off',
      'prefer-const': 'error',
    },
  },
  {
    files: ['public/**/*.ts', 'desk/web/client/**/*.ts'],
    extends: [lit.configs['flat/recommended'], wc.configs['flat/recommended'], litA11y.configs.recommended],
    rules: { 'wc/guard-super-call': 'off' },
  },
  { files: ['desk/*.ts'], rules: only(...insideDesk(0)) },
  { files: ['desk/*/*.ts'], rules: only(...insideDesk(1), notIndex) },
  { files: ['desk/*/*/*.ts'], rules: only(...insideDesk(2), notIndex) },
  { files: ['desk/client/*.ts'], rules: only(...insideDesk(1), noNode) },
  { files: ['desk/web/client/*.ts'], rules: only(...insideDesk(2), noNode) },
  {
    files: ['examples/**/*.ts'],
    rules: only(deskInside, up('doctypes|api|public|realtime', 'An app knows no other app.')),
  },
  {
    files: ['hooks.ts'],
    rules: only(deskInside, { regex: '^\\./public', message: 'Pages load public/ by address.' }),
  },
  {
    files: ['api/**/*.ts'],
    rules: only(deskInside, up('public|hooks\\.ts', 'Dependencies point hooks → api → doctypes.')),
  },
  {
    files: ['doctypes/**/*.ts'],
    rules: only(deskInside, up('api|public|hooks\\.ts', 'Dependencies point api → doctypes → realtime.')),
  },
  {
    files: ['markup/*.ts'],
    rules: only({
      regex: '^(?!\\./)',
      message: 'markup/ is for server and browser alike: nothing but itself.',
    }),
  },
  {
    files: ['realtime/**/*.ts'],
    rules: only(
      deskInside,
      up('api|doctypes|public|hooks\\.ts', 'The event catalogue depends on desk only.'),
    ),
  },
  {
    files: ['public/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            deskInside,
            serverSide,
            {
              regex: '^(\\.\\./)+(api|doctypes|realtime|hooks\\.ts)(/|$)',
              allowTypeImports: true,
              message: 'public/ imports types from the server, never code.',
            },
          ],
        },
      ],
    },
  },
  {
    // tap keeps the promise of a subtest; teardown and subtests may be async without waiting.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafePromises: [
            { from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' },
          ],
        },
      ],
      '@typescript-eslint/require-await': 'off',
      // Answers are looked at as they come over the wire.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
    rules: { '@typescript-eslint/explicit-function-return-type': 'off' },
  },
)
