// How the picker of emoji looks.

export const style = `
.composer{position:relative}
.emoji{position:absolute;z-index:1;bottom:calc(100% + 4px);inset-inline:12px;height:min(330px,60vh);display:flex;flex-direction:column;gap:4px;padding:10px;border:1px solid var(--line);border-radius:16px;background:var(--ground);box-shadow:0 6px 24px #0003}
.emoji input{min-height:40px;padding:6px 12px;border:1.5px solid var(--faint);border-radius:20px;background:var(--ground);color:var(--ink);font:inherit}
.emoji p{margin:0}
.emoji .grid{flex:1;overflow-y:auto;overscroll-behavior:contain;position:relative}
.emoji h2{margin:10px 4px 4px;font-size:12.5px;font-weight:600;color:var(--faint)}
.emoji .grid button{width:40px;height:40px;padding:0;border:0;border-radius:10px;background:none;font:24px/1 "Apple Color Emoji","Segoe UI Emoji","Noto Color Emoji",sans-serif}
.emoji .grid button:hover,.emoji .grid button:focus-visible{background:var(--raised)}
.emoji .grid button:focus-visible{outline-offset:-3px}
`;
