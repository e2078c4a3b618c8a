import { css } from 'lit'

/** What every element of the widget starts from: type, reset, focus, and the parts they share. */
export const baseStyles = css`
  :host {
    font: 400 var(--fc-text-md) / var(--fc-leading) var(--fc-font);
    color: var(--fc-text);
    -webkit-font-smoothing: antialiased;
    font-feature-settings: 'cv11', 'ss03';
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button,
  input,
  textarea {
    font: inherit;
    color: inherit;
    margin: 0;
  }
  button {
    border: 0;
    background: none;
    padding: 0;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  button:disabled {
    cursor: default;
  }
  :focus-visible {
    outline: none;
    box-shadow: var(--fc-focus);
  }
  input:focus-visible,
  textarea:focus-visible {
    box-shadow: none;
  }
  ul,
  ol {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  h2,
  p {
    margin: 0;
  }
  svg {
    display: block;
    flex: none;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .icon-button {
    width: 32px;
    height: 32px;
    flex: none;
    border-radius: 8px;
    display: grid;
    place-items: center;
    color: var(--fc-text-muted);
    transition:
      background-color var(--fc-fast) var(--fc-ease),
      color var(--fc-fast) var(--fc-ease);
  }
  .icon-button[aria-expanded='true'] {
    background: var(--fc-surface-hover);
    color: var(--fc-text);
  }
  @media (hover: hover) {
    .icon-button:hover {
      background: var(--fc-surface-hover);
      color: var(--fc-text);
    }
  }
  .button {
    min-height: 32px;
    padding: 0 14px;
    border-radius: 9px;
    font-weight: 550;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    background: var(--fc-surface-hover);
  }
  .button:hover {
    background: var(--fc-line);
  }
  .button.primary {
    background: var(--fc-accent);
    color: var(--fc-on-accent);
  }
  .button.primary:hover {
    background: color-mix(in srgb, var(--fc-accent) 88%, var(--fc-text));
  }
  .button:disabled,
  .button:disabled:hover {
    background: var(--fc-surface-hover);
    color: var(--fc-text-faint);
  }
  .field {
    display: flex;
    align-items: center;
    gap: 8px;
    height: 32px;
    padding: 0 10px;
    border-radius: 9px;
    background: var(--fc-surface-sunken);
    color: var(--fc-text-faint);
    border: 1px solid transparent;
  }
  .field:focus-within {
    border-color: var(--fc-accent);
    background: var(--fc-surface);
  }
  .field input {
    flex: 1;
    min-width: 0;
    height: 100%;
    padding: 0;
    border: 0;
    background: none;
    color: var(--fc-text);
    box-shadow: none;
  }
  .field input::placeholder {
    color: var(--fc-text-faint);
    opacity: 1;
  }
  .field input::-webkit-search-cancel-button {
    display: none;
  }
  .blank {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 12px;
    padding: 32px 32px 40px;
    text-align: center;
    color: var(--fc-text-muted);
    overflow-wrap: anywhere;
  }
  .blank > svg {
    color: var(--fc-text-faint);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--fc-line) transparent;
  }
  .ellipsis {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .flip:dir(rtl) svg {
    transform: scaleX(-1);
  }
  @media (width < 600px) {
    .icon-button {
      width: 44px;
      height: 44px;
    }
    .button,
    .field {
      min-height: 44px;
    }
    .field input {
      font-size: 16px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition: none !important;
      animation: none !important;
    }
  }
`

/** Avatars and the grey shapes that stand in while something loads. */
export const avatarStyles = css`
  .avatar {
    width: 38px;
    height: 38px;
    flex: none;
    border-radius: 50%;
    display: grid;
    place-items: center;
    overflow: hidden;
    color: #fff;
    font-weight: 600;
    font-size: 13px;
    letter-spacing: 0.01em;
    user-select: none;
  }
  .avatar.room {
    border-radius: 11px;
  }
  .avatar.small {
    width: 28px;
    height: 28px;
    font-size: 10.5px;
  }
  .avatar img {
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  .tone-0 {
    background: #5063dc;
  }
  .tone-1 {
    background: #c2410c;
  }
  .tone-2 {
    background: #0f766e;
  }
  .tone-3 {
    background: #9333ea;
  }
  .tone-4 {
    background: #b45309;
  }
  .tone-5 {
    background: #be185d;
  }
  .tone-6 {
    background: #0369a1;
  }
  .bone {
    background: var(--fc-surface-hover);
    color: transparent;
    border-radius: 6px;
    animation: breathe 1.4s ease-in-out infinite alternate;
  }
  .bone.avatar {
    border-radius: 50%;
  }
  @keyframes breathe {
    to {
      opacity: 0.45;
    }
  }
`
