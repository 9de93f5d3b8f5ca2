// How every launcher and panel look; what an app has of its own comes with its look (look.ts). In a style sheet of the script's
// own: a page's policy need not allow inline styles.

export const style = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important}
*{box-sizing:border-box}
[hidden]{display:none!important}
.box{--colour:#2f5bea;--ink:#fff;position:fixed;bottom:20px;right:20px;display:flex;flex-direction:column;align-items:flex-end;gap:14px;font:15px/1.4 system-ui,sans-serif}
.box.left{right:auto;left:20px;align-items:flex-start}
.launcher{position:relative;width:58px;height:58px;border:0;border-radius:50%;background:var(--colour);color:var(--ink);cursor:pointer;box-shadow:0 4px 18px #0003,0 1px 3px #0003}
button:focus-visible{outline:2px solid #000;outline-offset:3px;box-shadow:0 0 0 3px #fff!important}
svg{position:absolute;inset:15px;width:28px;fill:currentColor}
svg+svg{fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;opacity:0}
.open svg{opacity:0}
.open svg+svg{opacity:1}
.panel{width:384px;height:min(660px,100vh - 118px);border-radius:18px;overflow:hidden;background:Canvas}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
@media (max-width:480px),(max-height:480px){.panel{position:fixed;inset:0;width:100%;height:100%;border-radius:0}.open .launcher{display:none}}
`;
